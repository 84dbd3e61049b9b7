import GranaryTesting
import Testing

/// One way for git to talk to the server.
struct Wire: Sendable, CustomTestStringConvertible {
    /// What carries the protocol.
    ///
    /// SSH joins here.
    enum Transport: String, CaseIterable, Sendable {
        case http
    }

    /// What carries the protocol.
    let transport: Transport
    /// The version that the client asks for.
    let version: Int

    /// Every transport with every protocol version.
    static let all = Transport.allCases.flatMap { transport in
        [0, 1, 2].map { Wire(transport: transport, version: $0) }
    }

    /// Every transport with the oldest and the newest version, for stories that take long.
    static let outermost = all.filter { $0.version != 1 }

    /// What git uses by itself.
    static let standard = Wire(transport: .http, version: 2)

    var testDescription: String { "\(transport.rawValue) v\(version)" }

    /// The URL of a repository.
    func url(of repository: HostedRepository, on server: GranaryServer) -> String {
        switch transport {
        case .http: server.base + repository.path + ".git"
        }
    }
}
