/// A request that `curl` sends with others.
package struct PlannedRequest: Sendable {
    /// The verb.
    package var method: String
    /// With the leading slash and the query, sent exactly as given.
    package var path: String
    /// Each as `Name: value`.
    package var headers: [String]
    /// Sent with its `Content-Length`; nil sends none.
    package var body: [UInt8]?

    /// A request without a body unless one is given.
    package init(_ method: String, _ path: String, headers: [String] = [], body: [UInt8]? = nil) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

extension Curl {
    /// Sends requests one after another over one connection, as long as the server keeps it; redirects are not followed.
    ///
    /// Starting `curl` costs more than most requests: tables of hundreds are sent this way.
    /// - Returns: the answers in the order of the requests.
    package func all(_ requests: [PlannedRequest]) async throws -> [HTTPAnswer] {
        guard !requests.isEmpty else { return [] }
        let files = try TemporaryDirectory("curl")
        var arguments: [String] = []
        for (index, request) in requests.enumerated() {
            if index > 0 { arguments.append("--next") }
            arguments += try words(for: request, index, in: files)
        }
        var command = Command("curl", arguments)
        command.environment = ["HOME": files.path]
        let result = try await command.run()
        guard result.succeeded else { throw CommandFailure(result: result) }
        return requests.indices.map { index in
            let head = HTTPAnswer(reading: files.contents("head\(index)"))
            return HTTPAnswer(status: head.status, headers: head.headers, body: files.contents("body\(index)"))
        }
    }

    private func words(for request: PlannedRequest, _ index: Int, in files: TemporaryDirectory) throws -> [String] {
        var words = ["--silent", "--show-error", "--path-as-is", "--max-time", "60", "--noproxy", "*"]
        words += ["--dump-header", files.path("head\(index)"), "--output", files.path("body\(index)")]
        words += ["--request", request.method]
        for header in request.headers { words += ["--header", header] }
        if let body = request.body { words += ["--data-binary", "@" + (try files.write("data\(index)", body))] }
        return words + [base + request.path]
    }
}
