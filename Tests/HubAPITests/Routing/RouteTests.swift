import Access
import GitCore
import HTTPTypes
import HubAPI
import Testing

@Suite struct RouteTests {
    private static func address(_ type: RepositoryType = .model) -> RepositoryAddress {
        RepositoryAddress(type: type, namespace: "ns", name: "name")
    }

    @Test(
        arguments: [
            ("/ns/name", RepositoryType.model),
            ("/ns/name.git", .model),
            ("/models/ns/name", .model),
            ("/datasets/ns/name.git", .dataset),
            ("/spaces/ns/name", .space),
            ("/codes/ns/name", .code),
            ("/mcpservers/ns/name", .mcp),
            ("/skills/ns/name.git", .skill),
        ],
        ["", "/hf"]
    )
    func findsRepositoriesUnderAllPaths(base: (path: String, type: RepositoryType), prefix: String) throws {
        let requests: [(HTTPRequest.Method, String, GitRoute)] = [
            (.get, "info/refs", .advertisement),
            (.post, "git-upload-pack", .call(.uploadPack)),
            (.post, "git-receive-pack", .call(.receivePack)),
            (.get, "HEAD", .dumb),
            (.get, "objects/info/packs", .dumb),
        ]
        for (method, subpath, expected) in requests {
            guard case .git(let path, let route) = try Route(method: method, path: "\(prefix)\(base.path)/\(subpath)")
            else {
                Issue.record("not a git route: \(base.path)/\(subpath)")
                continue
            }
            #expect(path.address == Self.address(base.type))
            #expect(route == expected)
            #expect(path.spelling(path.address) == prefix + base.path)
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/healthz", Route.health),
        (.head, "/healthz", .health),
        (.get, "/readyz", .readiness),
    ])
    func findsFixedPaths(method: HTTPRequest.Method, path: String, route: Route) throws {
        #expect(try Route(method: method, path: path) == route)
    }

    @Test(arguments: [
        "/", "/ns", "/ns/name", "/models/ns/name", "/ns/name/", "/ns/name/info", "/ns/name/info/refs/",
        "/ns/name/git-upload-archive", "/ns/name/config", "/ns/name/objects", "/ns/name/hooks/post-receive",
        "/hf/hf/ns/name/info/refs", "/hf/healthz", "/api", "/api/", "/api/repos", "/api/repos/create/x",
        "/ns//info/refs",
        "//name/info/refs", "/ns/.git/info/refs",
    ])
    func leadsNowhereElse(path: String) {
        #expect(throws: RouteError.notFound) { try Route(method: .get, path: path) }
    }

    @Test(arguments: [
        (HTTPRequest.Method.post, "/ns/name/info/refs", [HTTPRequest.Method.get, .head]),
        (.get, "/ns/name/git-upload-pack", [.post]),
        (.put, "/ns/name/git-receive-pack", [.post]),
        (.post, "/ns/name/HEAD", [.get, .head]),
        (.post, "/healthz", [.get, .head]),
    ])
    func namesTheMethodsOfAnAddress(method: HTTPRequest.Method, path: String, allowed: [HTTPRequest.Method]) {
        #expect(throws: RouteError.methodNotAllowed(allowed: allowed)) { try Route(method: method, path: path) }
    }

    @Test func refusesBadPathsBeforeRouting() {
        #expect(throws: RouteError.badPath(.dotSegment)) { try Route(method: .get, path: "/ns/%2e%2e/info/refs") }
        #expect(throws: RouteError.badPath(.forbiddenByte(0x2f))) {
            try Route(method: .get, path: "/ns%2fname/info/refs")
        }
    }

    @Test func spellsANewAddressLikeTheOld() throws {
        let moved = RepositoryAddress(type: .model, namespace: "other", name: "place")
        let spellings = [
            "/ns/name.git": "/other/place.git", "/hf/ns/name": "/hf/other/place",
            "/models/ns/name": "/models/other/place",
        ]
        for (old, new) in spellings {
            guard case .git(let path, _) = try Route(method: .get, path: "\(old)/info/refs") else { continue }
            #expect(path.spelling(moved) == new)
        }
    }
}
