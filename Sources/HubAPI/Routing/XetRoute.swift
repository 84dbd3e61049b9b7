import HTTPTypes
package import Xet

/// The requests to the storage of chunks, below the address that clients are given as `casUrl`.
///
/// - Source: Xet protocol specification, "CAS HTTP API".
package enum XetRoute: Sendable, Equatable {
    /// `POST v1/xorbs/{prefix}/{hash}`.
    case upload(XetHash)
    /// `POST v1/xorb-grants/{prefix}/{hash}`.
    case grant(XetHash)
    /// `POST v1/xorb-commits/{prefix}/{hash}/grant/{id}`.
    case commit(XetHash, grant: String)
    /// `HEAD v1/xorbs/{prefix}/{hash}`.
    case xorb(XetHash)
    /// `POST v1/shards` and `v2/shards`.
    case shard(tellsProgress: Bool)
    /// `GET v1/reconstructions/{hash}` and `v2/reconstructions/{hash}`.
    case reconstruction(XetHash, version: Int)
    /// `GET v1/reconstructions?file_id={hash}&…` and `POST v1/reconstructions`.
    case reconstructions
    /// `HEAD v1/files/{hash}`.
    case file(XetHash)
    /// `GET v1/chunks/{prefix}/{hash}`.
    case chunk(XetHash)
    /// `POST v1/telemetry`.
    case telemetry
    /// `GET data/{hash}`, which a reconstruction leads to.
    case data(XetHash)

    /// The first segment of all addresses.
    static let base = "xet"
    /// How clients call the one space of hashes that there is.
    private static let prefixes: Set<String> = ["default", "default-merkledb"]

    /// Reads a path; nil when it is not below the storage of chunks.
    init?(method: HTTPRequest.Method, path: ArraySlice<String>) throws(RouteError) {
        let segments = Array(path)
        // Telemetry goes to the root, whatever the address of the storage is.
        if segments == ["v1", "telemetry"] {
            self = .telemetry
            return
        }
        guard segments.first == Self.base, segments.count > 2 else { return nil }
        let routes = Self.routes(Array(segments.dropFirst(2)))
        guard !routes.isEmpty else { throw .notFound }
        guard let route = routes.first(where: { $0.methods.contains(method) }) else {
            throw .methodNotAllowed(allowed: routes.flatMap(\.methods))
        }
        self = route.route
    }

    /// What an address answers, by method; nothing when it does not exist.
    private static func routes(_ path: [String]) -> [(route: XetRoute, methods: [HTTPRequest.Method])] {
        switch (path.first, path.count) {
        case ("data", 2): hashed(path[1]) { [(.data($0), [.get, .head])] }
        case ("v1", 2...), ("v2", 2...): routes(version: path[0] == "v2" ? 2 : 1, Array(path.dropFirst()))
        default: []
        }
    }

    private static func routes(version: Int, _ path: [String]) -> [(route: XetRoute, methods: [HTTPRequest.Method])] {
        switch (path[0], path.count, version) {
        case ("shards", 1, _): [(.shard(tellsProgress: version == 2), [.post])]
        case ("reconstructions", 2, _):
            hashed(path[1]) { [(.reconstruction($0, version: version), [.get, .head])] }
        case ("reconstructions", 1, 1): [(.reconstructions, [.get, .head, .post])]
        case ("xorbs", 3, 1) where prefixes.contains(path[1]):
            hashed(path[2]) { [(.upload($0), [.post]), (.xorb($0), [.head])] }
        case ("chunks", 3, 1) where prefixes.contains(path[1]): hashed(path[2]) { [(.chunk($0), [.get, .head])] }
        case ("files", 2, 1): hashed(path[1]) { [(.file($0), [.head])] }
        case ("telemetry", 1, 1): [(.telemetry, [.post])]
        case ("xorb-grants", 3, 1) where prefixes.contains(path[1]): hashed(path[2]) { [(.grant($0), [.post])] }
        case ("xorb-commits", 5, 1) where prefixes.contains(path[1]) && path[3] == "grant":
            hashed(path[2]) { [(.commit($0, grant: path[4]), [.post])] }
        default: []
        }
    }

    private static func hashed(
        _ text: String,
        _ routes: (XetHash) -> [(route: XetRoute, methods: [HTTPRequest.Method])]
    ) -> [(route: XetRoute, methods: [HTTPRequest.Method])] {
        XetHash(text).map(routes) ?? []
    }

    /// The word for logs.
    var operation: String {
        switch self {
        case .upload, .commit: "upload"
        case .grant: "grant"
        case .xorb, .file: "look"
        case .shard: "register"
        case .reconstruction, .reconstructions: "reconstruct"
        case .chunk: "chunk"
        case .telemetry: "telemetry"
        case .data: "data"
        }
    }
}
