/// How the SSH listener serves: where, under which keys, within which limits.
package struct SSHSettings: Sendable {
    /// A name or address literal to listen on.
    package var host: String
    /// The port; 0 asks the system for a free one.
    package var port: Int
    /// Where the host keys are.
    package var hostKeys: HostKeys
    /// What follows "SSH-2.0-" in the server's first line: printable ASCII without spaces.
    package var banner: String
    /// Where LFS clients find the HTTP side.
    package var http: HTTPSide
    /// What connections may cost.
    package var limits: SSHLimits

    /// Settings of a listener.
    package init(
        host: String,
        port: Int,
        hostKeys: HostKeys,
        banner: String,
        http: HTTPSide,
        limits: SSHLimits = .standard
    ) {
        self.host = host
        self.port = port
        self.hostKeys = hostKeys
        self.banner = banner
        self.http = http
        self.limits = limits
    }
}

/// Where the hub answers over HTTP, for the URLs that go to clients over SSH.
package struct HTTPSide: Sendable {
    /// The hub's URL as its users write it; nil takes the address that the SSH client connected to.
    package var publicURL: String?
    /// "http" or "https", for when there is no public URL.
    package var scheme: String
    /// The port that HTTP is served on, once it is; asked at each use.
    package var port: @Sendable () -> Int

    /// An HTTP side.
    package init(publicURL: String?, scheme: String, port: @escaping @Sendable () -> Int) {
        self.publicURL = publicURL
        self.scheme = scheme
        self.port = port
    }

    /// Scheme, host and port for a client that reached the machine at an address.
    func base(localAddress: String) -> String {
        if let publicURL { return publicURL }
        let host = localAddress.contains(":") ? "[\(localAddress)]" : localAddress
        return "\(scheme)://\(host):\(port())"
    }
}

/// What SSH connections may cost.
///
/// Times are seconds. The values of `standard` are listed with their reasons in `docs/LIMITS.md`.
package struct SSHLimits: Sendable, Equatable {
    /// Connections that are open at once.
    package var connections = 2_048
    /// Of those, from one IPv4 address or IPv6 /64 network.
    package var connectionsPerAddress = 1_024
    /// Of those, logged in with keys of one account.
    package var connectionsPerAccount = 1_024
    /// Connections that have not logged in; a further one takes the place of the oldest of the busiest address.
    package var pendingLogins = 512
    /// Of those, from one address.
    package var pendingLoginsPerAddress = 256
    /// Channels that are open at once on a connection.
    package var channels = 64
    /// Refused keys until the connection ends.
    package var tries = 6
    /// From the connection's opening to the end of the key exchange.
    package var handshakeSeconds = 15.0
    /// From the connection's opening to the login.
    package var loginSeconds = 60.0
    /// A connection without a command.
    package var idleSeconds = 1_800.0
    /// A command that waits for its client, who neither sends nor takes anything.
    package var stallSeconds = 900.0
    /// A push whose client has not sent anything yet, because its `pre-push` hook runs.
    package var hookSeconds = 86_400.0
    /// Silence until the client is asked whether it lives; after three unanswered questions the connection ends.
    package var keepaliveSeconds = 60.0
    /// From the wish to stop to the end of connections that still work.
    package var drainSeconds = 30.0

    /// The defaults.
    package static let standard = SSHLimits()
}
