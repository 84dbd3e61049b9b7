import Foundation

/// HTTP requests by the real `curl`.
package struct Curl: Sendable {
    /// What the paths are appended to: scheme, host and port.
    package let base: String
    /// A certificate authority to trust, as a PEM file.
    package var authority: String?

    /// A client of the server at `base`.
    package init(base: String, authority: String? = nil) {
        self.base = base
        self.authority = authority
    }

    /// Sends one request; redirects are not followed and the path is sent exactly as given.
    ///
    /// - Parameters:
    ///   - method: the verb.
    ///   - path: with the leading slash and the query.
    ///   - headers: each as `Name: value`.
    ///   - body: sent with its `Content-Length`; nil sends none.
    ///   - credentials: `user:secret` for Basic.
    package func callAsFunction(
        _ method: String,
        _ path: String,
        headers: [String] = [],
        body: [UInt8]? = nil,
        credentials: String? = nil
    ) async throws -> HTTPAnswer {
        let files = try TemporaryDirectory("curl")
        var arguments = ["--silent", "--show-error", "--path-as-is", "--max-time", "100", "--noproxy", "*"]
        arguments += ["--dump-header", files.path("head"), "--output", files.path("body")]
        if method == "HEAD" { arguments += ["--head"] } else { arguments += ["--request", method] }
        for header in headers { arguments += ["--header", header] }
        if let credentials { arguments += ["--user", credentials] }
        if let authority { arguments += ["--cacert", authority] }
        if let body { arguments += ["--data-binary", "@" + (try files.write("data", body))] }
        if body != nil, !headers.contains(where: { $0.lowercased().hasPrefix("content-type") }) {
            arguments += ["--header", "Content-Type:"]
        }
        var command = Command("curl", arguments + [base + path])
        command.environment = ["HOME": files.path]
        let result = try await command.run()
        // 18 and 56: the server ended the connection early, which is an answer some tests wait for.
        guard result.succeeded || [18, 52, 55, 56].contains(result.status) else { throw CommandFailure(result: result) }
        let head = HTTPAnswer(reading: files.contents("head"))
        return HTTPAnswer(status: head.status, headers: head.headers, body: files.contents("body"))
    }

    /// Sends a JSON object and asks for JSON.
    ///
    /// - Parameter token: a Bearer token, or nil for nobody.
    package func json(_ method: String, _ path: String, _ object: [String: any Sendable]?, token: String?) async throws
        -> HTTPAnswer
    {
        var headers: [String] = []
        var body: [UInt8]?
        if let object {
            headers.append("Content-Type: application/json")
            body = Array(try JSONSerialization.data(withJSONObject: object))
        }
        if let token { headers.append("Authorization: Bearer \(token)") }
        return try await self(method, path, headers: headers, body: body)
    }
}

extension HTTPAnswer {
    /// The body as a JSON object; empty when it is none.
    package var json: [String: Any] {
        ((try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]) ?? [:]
    }
}
