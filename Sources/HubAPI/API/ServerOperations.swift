import HTTPTypes
package import HubCore
package import JSON

/// The server itself: where SSH is answered.
struct ServerOperations: Sendable {
    let hub: Hub
    let ssh: SSHEndpoint?

    var all: [APIOperation] {
        [
            APIOperation(
                .get,
                "/api/ssh",
                id: "getSSHEndpoint",
                "Where SSH is answered, and the host keys to know it by.",
                tag: .operations,
                need: .nothing,
                answers: [200: .json(Self.schema)]
            ) { call in try endpoint(call) }
        ]
    }

    private static let schema = APISchema.object([
        .required("user", .string), .required("host", .string), .required("port", .integer),
        .required(
            "hostKeys",
            .array(
                .object([
                    .required("algorithm", .string), .required("fingerprint", .string),
                    .required("publicKey", .string), .required("knownHosts", .string),
                ])
            )
        ),
    ])

    private func endpoint(_ call: APICall) throws -> Answer {
        guard let ssh else { throw HTTPFailure(.notFound, "This hub does not answer SSH.") }
        return .json(ssh.json(requestHost: PublicURL.host(ofBase: call.base)))
    }
}

extension SSHEndpoint {
    /// The endpoint as `/api/ssh` shows it to whoever named the server `requestHost`.
    ///
    /// - Source: sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT".
    package func json(requestHost: String) -> JSONValue {
        let host = host ?? requestHost
        let name = port == 22 ? host : "[\(host)]:\(port)"
        let keys = hostKeys.map { key -> JSONValue in
            [
                "algorithm": .string(key.algorithm), "fingerprint": .string(key.fingerprint),
                "publicKey": .string(key.publicKey), "knownHosts": "\(name) \(key.publicKey)",
            ]
        }
        return ["user": "git", "host": .string(host), "port": JSONValue(Int(port)), "hostKeys": .array(keys)]
    }
}
