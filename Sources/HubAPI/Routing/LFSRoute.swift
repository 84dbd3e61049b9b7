import HTTPTypes
package import ObjectStore

/// The requests below a repository's `info/lfs`.
package enum LFSRoute: Sendable, Equatable {
    /// `POST objects/batch`.
    case batch
    /// `GET objects/{oid}`.
    case download(ObjectKey)
    /// `PUT objects/{oid}`: of a whole object, or of the part that the ticket is for.
    case upload(ObjectKey)
    /// `POST objects/{oid}/verify`.
    case verify(ObjectKey)
    /// `POST objects/{oid}/complete`.
    case complete(ObjectKey)
    /// `POST locks`.
    case createLock
    /// `GET locks`.
    case locks
    /// `POST locks/verify`.
    case verifyLocks
    /// `POST locks/{id}/unlock`.
    case unlock(id: String)

    /// What follows a repository's name in all of these paths.
    static let base = ["info", "lfs"]

    /// Reads what follows "info/lfs".
    init(method: HTTPRequest.Method, subpath: ArraySlice<String>) throws(RouteError) {
        let routes = Self.routes(Array(subpath))
        guard !routes.isEmpty else { throw .notFound }
        guard let route = routes.first(where: { $0.methods.contains(method) }) else {
            throw .methodNotAllowed(allowed: routes.flatMap(\.methods))
        }
        self = route.route
    }

    /// What an address answers, by method; nothing when it does not exist.
    private static func routes(_ path: [String]) -> [(route: LFSRoute, methods: [HTTPRequest.Method])] {
        switch (path.first, path.count) {
        case ("objects", 2...): objectRoutes(Array(path.dropFirst()))
        case ("locks", 1): [(.locks, [.get, .head]), (.createLock, [.post])]
        case ("locks", 2) where path[1] == "verify": [(.verifyLocks, [.post])]
        case ("locks", 3) where path[2] == "unlock" && !path[1].isEmpty: [(.unlock(id: path[1]), [.post])]
        default: []
        }
    }

    private static func objectRoutes(_ path: [String]) -> [(route: LFSRoute, methods: [HTTPRequest.Method])] {
        if path == ["batch"] { return [(.batch, [.post])] }
        guard let oid = ObjectKey(hex: path[0]) else { return [] }
        return switch path.dropFirst() {
        case []: [(.download(oid), [.get, .head]), (.upload(oid), [.put])]
        case ["verify"]: [(.verify(oid), [.post])]
        case ["complete"]: [(.complete(oid), [.post])]
        default: []
        }
    }

    /// The word for logs.
    var operation: String {
        switch self {
        case .batch: "batch"
        case .download: "download"
        case .upload: "upload"
        case .verify: "verify"
        case .complete: "complete"
        case .createLock, .locks, .verifyLocks, .unlock: "lock"
        }
    }
}
