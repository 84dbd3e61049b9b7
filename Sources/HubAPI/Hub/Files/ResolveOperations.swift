import Access
import GitCore
import HTTPTypes
import HubCore
import JSON
import LFS
import ObjectStore

/// Files as bytes: `resolve` follows pointers to large files, `raw` shows them.
struct ResolveOperations: Sendable {
    let hub: Hub
    let sender: ObjectSender

    var all: [APIOperation] {
        [
            operation("/resolve", id: "resolveFile", "The content of a file at a revision.", followsPointers: true)
                .lasting,
            operation(
                "/raw",
                id: "getRawFile",
                "The content of a file as git has it: of a large file the pointer.",
                followsPointers: false
            ),
        ]
    }

    private func operation(
        _ verb: String,
        id: String,
        _ summary: String,
        followsPointers: Bool
    ) -> APIOperation {
        APIOperation(
            streaming: .get,
            at: PathTemplate.belowAddress("\(verb)/{revision}/{path...}"),
            id: id,
            summary,
            tag: .files,
            need: .readContent,
            answers: [200: .bytes, 206: .bytes, 302: .none, 304: .none]
        ) { call, response in try await send(call, response, followsPointers: followsPointers) }
    }

    private func send(_ call: APICall, _ response: ResponseStream, followsPointers: Bool) async throws {
        let revision = call.parameter("revision")
        let file = try await hub.files.file(
            try call.repository(),
            revision: revision,
            path: call.parameter("path"),
            followsPointers: followsPointers,
            by: call.actor
        )
        if followsPointers, call.exchange.isDownload {
            hub.catalogue.downloads.note(file.repositoryID, by: call.actor, from: call.client)
        }
        var headers = FileHeaders.all(of: file, revision: revision)
        switch file.source {
        case .large(let download):
            let etag = EntityTag.of(download.oid)
            headers[.linkedETag] = etag
            headers[.linkedSize] = String(download.size)
            if let hash = file.entry.lfs?.xetHash {
                headers[.xetHash] = hash
                let repository = try call.repository()
                let path = "/api/\(repository.type.pathSegment)/\(repository.id)/xet-read-token/\(file.commit.hex)"
                headers[.link] = "<\(call.base)\(path)>; rel=\"xet-auth\""
            }
            if let link = try await hub.lfs.directDownload(of: download, fileName: file.entry.name) {
                headers[.location] = link
                response.open(status: .found, headers: headers)
                return try await response.finish()
            }
            headers[.eTag] = etag
            let answer = ObjectAnswer(etag: etag, size: download.size, exchange: call.exchange, headers: headers)
            guard let range = answer.range else { return try await end(answer, response) }
            try await sender.send(download, range, answer, call.exchange, response)
        case .blob(let blob):
            let etag = "\"\(file.entry.oid.hex)\""
            headers[.eTag] = etag
            let answer = ObjectAnswer(etag: etag, size: blob.size, exchange: call.exchange, headers: headers)
            guard let range = answer.range, call.exchange.method != .head else {
                return try await end(answer, response)
            }
            response.open(status: answer.status, headers: answer.headers)
            try await blob.send(range, to: response)
            try await response.finish()
        }
    }

    private func end(_ answer: ObjectAnswer, _ response: ResponseStream) async throws {
        response.open(status: answer.status, headers: answer.headers)
        try await response.finish()
    }
}

/// Fields of every answer about a file.
///
/// It was written by somebody else than its reader: a browser must not run it, nor guess what it is.
enum FileHeaders {
    static func all(of file: FileContent, revision: String) -> HTTPFields {
        let isPinned = file.isPublic && revision.lowercased() == file.commit.hex
        let name = file.entry.name
        let plain = name.utf8.map {
            (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") ? $0 : UInt8(ascii: "_")
        }
        return [
            .repoCommit: commit(of: file, asked: revision),
            .acceptRanges: "bytes",
            .contentType: file.entry.lfs == nil ? type(of: name) : "application/octet-stream",
            .contentDisposition:
                "inline; filename*=UTF-8''\(percentEncoded(name)); filename=\"\(String(decoding: plain, as: UTF8.self))\"",
            .contentTypeOptions: "nosniff",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
            .cacheControl: isPinned ? "public, max-age=31536000, immutable" : "no-cache",
            .exposeHeaders: exposed,
        ]
    }

    /// The commit's id; when another id was asked for, that one, which the commit had before it was imported.
    ///
    /// Clients file what they get below the id that they have asked for.
    private static func commit(of file: FileContent, asked revision: String) -> String {
        ObjectID(hex: revision) == nil ? file.commit.hex : revision.lowercased()
    }

    private static let exposed = """
        X-Repo-Commit, X-Request-Id, X-Error-Code, X-Error-Message, ETag, Link, Accept-Ranges, Content-Range, \
        X-Linked-Size, X-Linked-ETag, X-Xet-Hash
        """

    /// By the extension; what a browser could run is plain text.
    private static func type(of name: String) -> String {
        let suffix = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return types[suffix] ?? "text/plain; charset=utf-8"
    }

    private static let types: [String: String] = [
        "json": "application/json", "jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8",
        "tsv": "text/tab-separated-values; charset=utf-8", "md": "text/markdown; charset=utf-8",
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac", "mp4": "video/mp4", "pdf": "application/pdf",
        "parquet": "application/octet-stream", "arrow": "application/octet-stream", "bin": "application/octet-stream",
        "safetensors": "application/octet-stream", "pt": "application/octet-stream", "gguf": "application/octet-stream",
        "npy": "application/octet-stream", "npz": "application/octet-stream", "onnx": "application/octet-stream",
        "zip": "application/zip", "gz": "application/gzip", "tar": "application/x-tar", "zst": "application/zstd",
    ]
}

extension Exchange {
    /// Whether a request counts as a download: all that take a file, and those by which clients find that they have it.
    fileprivate var isDownload: Bool { method == .get || headers[.downloadCounter] != nil }
}

extension FileEntry {
    /// The last component of the path.
    fileprivate var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}
