import Access
import HTTPTypes
import HubAPI
import ObjectStore
import Testing

@Suite struct LFSRouteTests {
    private static let hex = String(repeating: "0a", count: 32)

    private static func expected() throws -> [(HTTPRequest.Method, String, LFSRoute)] {
        let oid = try #require(ObjectKey(hex: hex))
        return [
            (.post, "objects/batch", .batch),
            (.get, "objects/\(hex)", .download(oid)),
            (.head, "objects/\(hex)", .download(oid)),
            (.put, "objects/\(hex)", .upload(oid)),
            (.post, "objects/\(hex)/verify", .verify(oid)),
            (.post, "objects/\(hex)/complete", .complete(oid)),
            (.post, "locks", .createLock),
            (.get, "locks", .locks),
            (.post, "locks/verify", .verifyLocks),
            (.post, "locks/12ab/unlock", .unlock(id: "12ab")),
            (.post, "locks/verify/unlock", .unlock(id: "verify")),
        ]
    }

    @Test(
        arguments: [
            ("/ns/name", RepositoryType.model), ("/ns/name.git", .model), ("/datasets/ns/name.git", .dataset),
            ("/models/ns/name", .model),
        ],
        ["", "/hf"]
    )
    func findsTheRoutesOfAllRepositories(base: (path: String, type: RepositoryType), prefix: String) throws {
        for (method, subpath, expected) in try Self.expected() {
            let route = try Route(method: method, path: "\(prefix)\(base.path)/info/lfs/\(subpath)")
            guard case .lfs(let path, expected) = route else {
                Issue.record("\(method) \(subpath) is \(route)")
                continue
            }
            #expect(path.address == RepositoryAddress(type: base.type, namespace: "ns", name: "name"))
            #expect(path.spelling(path.address) == prefix + base.path)
        }
    }

    @Test(arguments: [
        "", "/", "/objects", "/objects/", "/objects/batch/", "/objects/batch/verify", "/objects/\(hex)/",
        "/objects/\(hex)/other", "/objects/\(hex.uppercased())", "/objects/\(hex.dropLast())", "/objects/\(hex)0",
        "/locks/", "/locks/verify/x", "/locks//unlock", "/locks/1/unlock/", "/locks/1/2/unlock", "/lock",
        "/objects/x/verify",
    ])
    func leadsNowhereElse(subpath: String) {
        #expect(throws: RouteError.notFound) { try Route(method: .get, path: "/ns/name.git/info/lfs\(subpath)") }
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "objects/batch", [HTTPRequest.Method.post]),
        (.delete, "objects/\(hex)", [.get, .head, .put]),
        (.post, "objects/\(hex)", [.get, .head, .put]),
        (.get, "objects/\(hex)/verify", [.post]),
        (.put, "objects/\(hex)/complete", [.post]),
        (.put, "locks", [.get, .head, .post]),
        (.get, "locks/verify", [.post]),
        (.delete, "locks/1/unlock", [.post]),
    ])
    func namesTheMethodsOfAnAddress(method: HTTPRequest.Method, subpath: String, allowed: [HTTPRequest.Method]) {
        #expect(throws: RouteError.methodNotAllowed(allowed: allowed)) {
            try Route(method: method, path: "/ns/name/info/lfs/\(subpath)")
        }
    }

    @Test func leavesARepositoryOfThatNameToGit() throws {
        guard case .git(let path, .advertisement) = try Route(method: .get, path: "/info/lfs/info/refs") else {
            Issue.record("not a git route")
            return
        }
        #expect(path.address == RepositoryAddress(type: .model, namespace: "info", name: "lfs"))
    }
}
