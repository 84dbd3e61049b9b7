import HTTPTypes
import HubAPI
import Testing
import Xet

/// Requests to the storage of chunks.
@Suite struct XetRouteTests {
    private static let text = "07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918"

    private static func route(_ method: HTTPRequest.Method, _ path: String) throws -> XetRoute? {
        guard case .xet(let route) = try Route(method: method, path: path) else { return nil }
        return route
    }

    @Test(arguments: ["/xet/hub", "/xet/n0123", "/xet/anything"])
    func everythingThatClientsAskFor(base: String) throws {
        let hash = try #require(XetHash(Self.text))
        let requests: [(HTTPRequest.Method, String, XetRoute)] = [
            (.post, "v1/xorbs/default/\(Self.text)", .upload(hash)),
            (.post, "v1/xorbs/default-merkledb/\(Self.text)", .upload(hash)),
            (.head, "v1/xorbs/default/\(Self.text)", .xorb(hash)),
            (.post, "v1/shards", .shard(tellsProgress: false)),
            (.post, "v2/shards", .shard(tellsProgress: true)),
            (.get, "v1/reconstructions/\(Self.text)", .reconstruction(hash, version: 1)),
            (.get, "v2/reconstructions/\(Self.text)", .reconstruction(hash, version: 2)),
            (.get, "v1/reconstructions", .reconstructions), (.post, "v1/reconstructions", .reconstructions),
            (.head, "v1/files/\(Self.text)", .file(hash)),
            (.get, "v1/chunks/default/\(Self.text)", .chunk(hash)),
            (.get, "v1/chunks/default-merkledb/\(Self.text)", .chunk(hash)),
            (.post, "v1/telemetry", .telemetry),
            (.get, "data/\(Self.text)", .data(hash)),
            (.post, "v1/xorb-grants/default/\(Self.text)", .grant(hash)),
            (.post, "v1/xorb-commits/default/\(Self.text)/grant/0a.9.c_-", .commit(hash, grant: "0a.9.c_-")),
        ]
        for (method, path, expected) in requests {
            #expect(try Self.route(method, "\(base)/\(path)") == expected, "\(path)")
        }
        #expect(try Self.route(.post, "/v1/telemetry") == .telemetry)
    }

    @Test(arguments: [
        "v1/xorbs/default/\(text.uppercased())", "v1/xorbs/default/\(text)0", "v1/xorbs/default/\(text.dropLast())",
        "v1/xorbs/default/\(text)/", "v1/xorbs/other/\(text)", "v1/xorbs/\(text)", "v2/xorbs/default/\(text)",
        "v2/reconstructions", "v2/reconstructions/", "v3/reconstructions/\(text)", "v1/reconstructions/\(text)/x",
        "v1/files/..", "v2/files/\(text)", "v1/shards/x", "v1", "v2", "data", "data/x", "data/\(text)/x", "",
        "v1/xorb-commits/default/\(text)/grants/1", "v2/file-chunk-hashes/\(text)", "v1/chunks/default/%2e%2e",
    ])
    func whatIsNotThere(path: String) throws {
        for method in [HTTPRequest.Method.get, .head, .post, .put] {
            #expect(throws: RouteError.self) {
                let route = try Self.route(method, "/xet/hub/\(path)")
                #expect(route == nil, "\(path)")
                // Not below the storage of chunks at all: somebody else's business.
                if route == nil { throw RouteError.notFound }
            }
        }
    }

    @Test func otherMethodsAreNamed() {
        #expect(throws: RouteError.methodNotAllowed(allowed: [.post, .head])) {
            try Self.route(.put, "/xet/hub/v1/xorbs/default/\(Self.text)")
        }
        #expect(throws: RouteError.methodNotAllowed(allowed: [.get, .head])) {
            try Self.route(.delete, "/xet/hub/data/\(Self.text)")
        }
        #expect(throws: RouteError.methodNotAllowed(allowed: [.post])) { try Self.route(.get, "/xet/hub/v2/shards") }
    }
}
