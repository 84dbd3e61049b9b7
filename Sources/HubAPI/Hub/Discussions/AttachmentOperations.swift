import HTTPTypes
import HubCore
import LFS
import NIOCore

/// Files that people attach to what they write in discussions.
///
/// - Source: hf-api, "POST /uploads".
struct AttachmentOperations: Sendable {
    let hub: Hub
    let sender: ObjectSender

    var all: [APIOperation] { [attach, show] }

    private var attach: APIOperation {
        APIOperation(
            .post,
            "/uploads",
            id: "attachFile",
            "Takes a picture, film or sound of the type that the request has, and gives its address.",
            tag: .discussions,
            need: .login,
            body: .bytes,
            answers: [200: .text]
        ) { call in
            let type = call.exchange.headers[.contentType]?.lowercased().prefix { $0 != ";" } ?? ""
            let name = try await hub.attachments.attach(String(type), call.exchange.body, by: call.actor)
            return .text("\(call.base)/uploads/\(name)", status: .ok)
        }
    }

    private var show: APIOperation {
        APIOperation(
            streaming: .get,
            at: ["/uploads/{file}"],
            id: "getAttachment",
            "An attached file; whoever has its address may read it.",
            tag: .discussions,
            need: .nothing,
            answers: [200: .bytes, 206: .bytes, 304: .none]
        ) { call, response in
            let (download, mediaType) = try await hub.attachments.open(call.parameter("file"))
            let headers: HTTPFields = [
                .eTag: EntityTag.of(download.oid), .acceptRanges: "bytes", .contentType: mediaType,
                .contentTypeOptions: "nosniff", .contentSecurityPolicy: "default-src 'none'; sandbox",
                .cacheControl: "public, max-age=31536000, immutable",
            ]
            let answer = ObjectAnswer(
                etag: EntityTag.of(download.oid),
                size: download.size,
                exchange: call.exchange,
                headers: headers
            )
            guard let range = answer.range else {
                response.open(status: answer.status, headers: answer.headers)
                return try await response.finish()
            }
            try await sender.send(download, range, answer, call.exchange, response)
        }
    }
}
