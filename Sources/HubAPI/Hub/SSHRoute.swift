import HTTPTypes
package import HubCore

/// `GET /api/ssh`.
extension HubRoutes {
    /// Where SSH is answered and by which keys to know it; 404 when it is not.
    func sshEndpoint(_ exchange: Exchange) throws -> Answer {
        guard let ssh else { throw HTTPFailure(.notFound, "This hub does not answer SSH.") }
        return try .json(SSHAnswer(ssh, requestHost: publicURL.host(for: exchange)))
    }
}

/// An endpoint as `/api/ssh` shows it.
package struct SSHAnswer: Encodable {
    /// A public key of the server.
    package struct HostKey: Encodable {
        package let algorithm: String
        package let fingerprint: String
        package let publicKey: String
        /// The line for the client's `known_hosts` file.
        package let knownHosts: String
    }

    package let user = "git"
    package let host: String
    package let port: Int
    package let hostKeys: [HostKey]

    /// The answer to a request that named the server `requestHost`.
    ///
    /// - Source: sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT".
    package init(_ endpoint: SSHEndpoint, requestHost: String) {
        let host = endpoint.host ?? requestHost
        let name = endpoint.port == 22 ? host : "[\(host)]:\(endpoint.port)"
        self.host = host
        port = endpoint.port
        hostKeys = endpoint.hostKeys.map {
            HostKey(
                algorithm: $0.algorithm,
                fingerprint: $0.fingerprint,
                publicKey: $0.publicKey,
                knownHosts: "\(name) \($0.publicKey)"
            )
        }
    }
}
