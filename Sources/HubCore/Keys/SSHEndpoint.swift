/// Where clients reach the hub by SSH, and the keys by which they know that it is this hub.
package struct SSHEndpoint: Sendable, Equatable {
    /// The host's name as clients write it; nil for the host of the request that asks.
    package var host: String?
    /// The TCP port.
    package var port: Int
    /// The server's public keys, the best first.
    package var hostKeys: [SSHHostKey]

    /// An endpoint from its parts.
    package init(host: String? = nil, port: Int, hostKeys: [SSHHostKey]) {
        self.host = host
        self.port = port
        self.hostKeys = hostKeys
    }
}

/// A public key of the server.
package struct SSHHostKey: Sendable, Equatable {
    /// Its type, such as "ssh-ed25519".
    package var algorithm: String
    /// "SHA256:" and unpadded base64, as `ssh-keygen -l` and the client's question print it.
    package var fingerprint: String
    /// Type and base64, as in a `.pub` file: "ssh-ed25519 AAAA…".
    package var publicKey: String

    /// A key from its parts.
    package init(algorithm: String, fingerprint: String, publicKey: String) {
        self.algorithm = algorithm
        self.fingerprint = fingerprint
        self.publicKey = publicKey
    }
}
