import Foundation
import ObjectStore

/// The LFS routes of one repository, called by hand.
package struct LFSAPI: Sendable {
    /// The routes' path, with the leading slash.
    package var path: String
    /// The `Authorization` line of requests with a login; nil for nobody.
    package var authorization: String?
    private var curl: Curl

    /// The routes of a repository.
    package init(_ server: GranaryServer, _ repository: HostedRepository, as person: Person?) {
        curl = server.curl
        path = repository.path + ".git/info/lfs"
        authorization = person?.basic
    }

    /// The same routes for somebody else.
    package func asking(as person: Person?) -> LFSAPI {
        var api = self
        api.authorization = person?.basic
        return api
    }

    /// Trusts a certificate authority, for a server with TLS.
    package mutating func trust(_ authority: String) { curl.authority = authority }

    /// A request with the login.
    ///
    /// - Parameter subpath: what follows `info/lfs/`, with the query.
    package func callAsFunction(
        _ method: String,
        _ subpath: String,
        _ body: String? = nil,
        headers: [String] = ["Content-Type: application/vnd.git-lfs+json"]
    ) async throws -> HTTPAnswer {
        try await curl(
            method,
            "\(path)/\(subpath)",
            headers: headers + (authorization.map { [$0] } ?? []),
            body: body.map { Array($0.utf8) }
        )
    }

    /// A batch of objects, as git-lfs asks for it.
    package func batch(_ operation: String, _ objects: [ObjectSample]) async throws -> BatchReply {
        let list = objects.map { #"{"oid":"\#($0.oid)","size":\#($0.size)}"# }.joined(separator: ",")
        let body = #"{"operation":"\#(operation)","transfers":["basic"],"objects":[\#(list)],"hash_algo":"sha256"}"#
        let answer = try await self("POST", "objects/batch", body)
        guard answer.status == 200 else { throw UnexpectedAnswer(answer: answer) }
        return try JSONDecoder().decode(BatchReply.self, from: Data(answer.body))
    }

    /// The link of one action of one object.
    package func link(_ operation: String, _ object: ObjectSample, _ action: String? = nil) async throws -> String {
        let reply = try await batch(operation, [object])
        guard let link = reply.objects.first?.actions?[action ?? operation] else { throw MissingAction(reply: reply) }
        return link.href
    }

    /// Sends an object as git-lfs does: batch, PUT, verify.
    ///
    /// - Returns: the answer to the PUT, or to the verification if that failed.
    @discardableResult
    package func upload(_ object: ObjectSample) async throws -> HTTPAnswer {
        let reply = try await batch("upload", [object])
        guard let actions = reply.objects.first?.actions, let upload = actions["upload"] else {
            throw MissingAction(reply: reply)
        }
        let answer = try await follow("PUT", upload.href, body: object.array())
        guard answer.status == 200, let verify = actions["verify"] else { return answer }
        let body = #"{"oid":"\#(object.oid)","size":\#(object.size)}"#
        let verified = try await follow("POST", verify.href, body: Array(body.utf8))
        return verified.status == 200 ? answer : verified
    }

    /// Requests a link of an action, without any login.
    package func follow(
        _ method: String,
        _ href: String,
        headers: [String] = [],
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        guard href.hasPrefix(curl.base) else { throw ForeignLink(href: href, base: curl.base) }
        return try await curl(method, String(href.dropFirst(curl.base.count)), headers: headers, body: body)
    }
}

/// The answer to a batch.
package struct BatchReply: Decodable, Sendable {
    /// The transfer adapter.
    package let transfer: String?
    /// What becomes of each object.
    package let objects: [Object]

    /// One object.
    package struct Object: Decodable, Sendable {
        package let oid: String
        package let size: Int64
        package let authenticated: Bool?
        package let actions: [String: Link]?
        package let error: Refusal?
    }

    /// One action.
    package struct Link: Decodable, Sendable {
        package let href: String
        package let header: [String: String]?
        package let expires_in: Int?
        package let expires_at: String?
    }

    /// Why an object has no action.
    package struct Refusal: Decodable, Sendable {
        package let code: Int
        package let message: String
    }
}

/// An answer of another status than 200.
package struct UnexpectedAnswer: Error, CustomStringConvertible {
    let answer: HTTPAnswer
    package var description: String { "unexpected answer: \(answer)" }
}

/// A batch without the action that was looked for.
package struct MissingAction: Error, CustomStringConvertible {
    let reply: BatchReply
    package var description: String { "no such action in \(reply)" }
}

/// A link that does not lead to the server under test.
package struct ForeignLink: Error, CustomStringConvertible {
    let href: String
    let base: String
    package var description: String { "\(href) is not below \(base)" }
}

extension ObjectSample {
    /// The SHA-256 in hex digits.
    package var oid: String { key.hex }
    /// The text of the pointer file.
    package var pointer: String {
        "version https://git-lfs.github.com/spec/v1\noid sha256:\(oid)\nsize \(size)\n"
    }
}
