import GranaryTesting
import Testing

/// One way for git to talk to the server.
struct Wire: Sendable, CustomTestStringConvertible {
    /// What carries the protocol.
    enum Transport: String, CaseIterable, Sendable {
        case http, ssh
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

    /// HTTP with every protocol version, for stories about HTTP itself.
    static let http = all.filter { $0.transport == .http }

    /// SSH with every protocol version, for stories about SSH itself.
    static let ssh = all.filter { $0.transport == .ssh }

    /// What git uses by itself with an `http://` URL.
    static let standard = Wire(transport: .http, version: 2)

    /// What git uses by itself with an `ssh://` URL.
    static let standardSSH = Wire(transport: .ssh, version: 2)

    var testDescription: String { "\(transport.rawValue) v\(version)" }

    /// The URL of a repository.
    func url(of repository: HostedRepository, on server: GranaryServer) -> String {
        switch transport {
        case .http: server.base + repository.path + ".git"
        case .ssh: "ssh://git@127.0.0.1:\(server.sshPort)\(repository.path).git"
        }
    }
}
