package import Access
package import GitCore
package import HTTPTypes

/// What a request outside the API asks for, read from method and path alone.
package enum Route: Sendable, Equatable {
    /// `/healthz`: does the process live?
    case health
    /// `/readyz`: can it serve?
    case readiness
    /// A repository's git paths.
    case git(GitPath, GitRoute)
    /// A repository's paths for large files.
    case lfs(GitPath, LFSRoute)
    /// The storage of chunks.
    case xet(XetRoute)

    /// Reads a request line's method and path.
    ///
    /// - Parameter path: the target without query, still encoded.
    package init(method: HTTPRequest.Method, path: some StringProtocol) throws(RouteError) {
        let segments: [String]
        do throws(PathError) {
            segments = try PathSegments(path).segments
        } catch {
            throw .badPath(error)
        }
        try self.init(method: method, segments: segments[...])
    }

    private init(method: HTTPRequest.Method, segments: ArraySlice<String>) throws(RouteError) {
        if segments.count == 1, let operation = Self.operations[segments[0]] {
            try operation.require(method, among: [.get, .head])
            self = operation
            return
        }
        let isPrefixed = segments.first == "hf"
        let rest = isPrefixed ? segments.dropFirst() : segments
        guard rest.first != "api" else { throw .notFound }
        if let route = try XetRoute(method: method, path: rest) {
            self = .xet(route)
            return
        }
        let (path, subpath) = try GitPath.split(rest, isPrefixed: isPrefixed)
        if subpath.starts(with: LFSRoute.base) {
            self = .lfs(path, try LFSRoute(method: method, subpath: subpath.dropFirst(LFSRoute.base.count)))
        } else {
            self = .git(path, try GitRoute(method: method, subpath: subpath))
        }
    }

    private static let operations: [String: Route] = ["healthz": .health, "readyz": .readiness]

    private func require(_ method: HTTPRequest.Method, among methods: [HTTPRequest.Method]) throws(RouteError) {
        guard methods.contains(method) else { throw .methodNotAllowed(allowed: methods) }
    }
}

/// Why there is no route.
package enum RouteError: Error, Sendable, Equatable {
    /// The path is refused as it stands.
    case badPath(PathError)
    /// Nothing lives there.
    case notFound
    /// Something does, for these methods.
    case methodNotAllowed(allowed: [HTTPRequest.Method])
}

/// The requests below a repository's address.
package enum GitRoute: Sendable, Equatable {
    /// `GET info/refs`; the service stands in the query.
    case advertisement
    /// `POST git-upload-pack` and `POST git-receive-pack`.
    case call(GitService)
    /// What only clients of the old, "dumb" protocol ask for.
    case dumb

    /// Reads what follows the repository's name.
    init(method: HTTPRequest.Method, subpath: ArraySlice<String>) throws(RouteError) {
        let (route, methods): (GitRoute, [HTTPRequest.Method]) =
            switch Array(subpath) {
            case ["info", "refs"]: (.advertisement, [.get, .head])
            case ["git-upload-pack"]: (.call(.uploadPack), [.post])
            case ["git-receive-pack"]: (.call(.receivePack), [.post])
            case ["HEAD"]: (.dumb, [.get, .head])
            case let path where path.first == "objects" && path.count > 1: (.dumb, [.get, .head])
            default: throw .notFound
            }
        guard methods.contains(method) else { throw .methodNotAllowed(allowed: methods) }
        self = route
    }
}

/// A repository's address as a request spelled it, with what is needed to spell another one the same way.
package struct GitPath: Sendable, Equatable {
    /// Where the path leads, without ".git".
    ///
    /// The names have not been checked.
    package let address: RepositoryAddress
    /// Whether the path began with "/hf".
    package let isPrefixed: Bool
    /// Whether the type had a segment of its own, which models need not have.
    package let hasTypeSegment: Bool
    /// Whether ".git" followed the name.
    package let hasSuffix: Bool

    /// Cuts a path into repository and what follows.
    static func split(
        _ segments: ArraySlice<String>,
        isPrefixed: Bool
    ) throws(RouteError) -> (path: GitPath, subpath: ArraySlice<String>) {
        var rest = segments
        let type = rest.first.flatMap { RepositoryType(pathSegment: $0) }
        if type != nil { rest = rest.dropFirst() }
        guard let namespace = rest.popFirst(), let name = rest.popFirst(), !rest.isEmpty else { throw .notFound }
        let hasSuffix = name.hasSuffix(".git")
        let path = GitPath(
            address: RepositoryAddress(
                type: type ?? .model,
                namespace: namespace,
                name: hasSuffix ? String(name.dropLast(4)) : name
            ),
            isPrefixed: isPrefixed,
            hasTypeSegment: type != nil,
            hasSuffix: hasSuffix
        )
        guard !path.address.namespace.isEmpty, !path.address.name.isEmpty else { throw .notFound }
        return (path, rest)
    }

    /// The path of another repository, spelled as this one was.
    ///
    /// `address` comes from the database.
    package func spelling(_ address: RepositoryAddress) -> String {
        let type = hasTypeSegment || address.type != .model ? "/\(address.type.pathSegment)" : ""
        return "\(isPrefixed ? "/hf" : "")\(type)/\(address.id)\(hasSuffix ? ".git" : "")"
    }
}
