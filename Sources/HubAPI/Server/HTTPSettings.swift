package import HubCore

/// How the main listener serves: where, under which name, with which certificate and within which limits.
package struct HTTPSettings: Sendable {
    /// The address to listen on.
    ///
    /// Port 0 asks the system for a free one.
    package var address: ListenAddress
    /// The hub's URL as its users write it, without a slash at the end; nil derives it from each request.
    package var publicURL: String?
    /// Certificate and key for HTTPS; nil serves plain HTTP.
    package var tls: TLSFiles?
    /// Whether `X-Forwarded-Proto`, `-Host` and `-For` are believed: only behind a proxy that sets them.
    package var trustForwardedHeaders: Bool
    /// What a connection may cost.
    package var limits: HTTPLimits
    /// How many requests clients may make.
    package var rates: RateLimits
    /// Where the hub answers SSH, for `/api/ssh`; nil when it does not.
    package var ssh: SSHEndpoint?
    /// The path below which an nginx in front serves the object store's files by `X-Accel-Redirect`; nil without one.
    package var accelPrefix: String?

    /// Settings with the defaults for everything but the address.
    package init(
        address: ListenAddress,
        publicURL: String? = nil,
        tls: TLSFiles? = nil,
        trustForwardedHeaders: Bool = false,
        limits: HTTPLimits = .standard,
        rates: RateLimits = .standard,
        ssh: SSHEndpoint? = nil,
        accelPrefix: String? = nil
    ) {
        self.address = address
        self.publicURL = publicURL
        self.tls = tls
        self.trustForwardedHeaders = trustForwardedHeaders
        self.limits = limits
        self.rates = rates
        self.ssh = ssh
        self.accelPrefix = accelPrefix
    }
}

/// A host name or address literal, and a TCP port.
package struct ListenAddress: Sendable, Equatable {
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    package var host: String
    /// 0 through 65,535.
    package var port: Int

    /// The address of `port` at `host`.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// The two PEM files of HTTPS.
package struct TLSFiles: Sendable, Equatable {
    /// The server's certificate, followed by those of its issuers.
    package var certificatePath: String
    /// The certificate's private key, without a passphrase.
    package var keyPath: String

    /// The files at these paths.
    package init(certificatePath: String, keyPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
    }
}

/// What one connection may cost.
///
/// Times are seconds, sizes bytes.
///
/// The values of `standard` are listed with their reasons in `docs/LIMITS.md`.
package struct HTTPLimits: Sendable, Equatable {
    /// Connections that are open at once; further ones wait in the kernel's backlog.
    package var connections = 4_096
    /// From a request's first byte, or the connection's opening, to the end of its header.
    package var headerSeconds = 10.0
    /// A connection without a request, and an answer of which the client takes nothing.
    package var idleSeconds = 300.0
    /// The window in which a body that we wait for must bring `bodyProgressBytes`.
    package var bodySeconds = 60.0
    /// What a body must bring in each window.
    package var bodyProgressBytes = 1_024
    /// From the wish to stop to the closing of connections that still work.
    package var drainSeconds = 30.0
    /// One header field, or the request line.
    package var headerFieldBytes = 16 << 10
    /// The whole header.
    package var headerBytes = 64 << 10
    /// Fields in a header.
    package var headerFields = 128
    /// What is read ahead of whoever consumes a body.
    package var bodyBufferBytes = 256 << 10
    /// What may remain of a body that was answered early if the connection is to serve another request.
    package var keepAliveDiscardBytes = 1 << 20
    /// What is read and thrown away of such a body at most, so that a client that is still sending sees the answer.
    package var discardBytes = 64 << 20
    /// How long that goes on after the answer.
    package var discardSeconds = 5.0
    /// A JSON body.
    package var jsonBytes = 1 << 20

    /// The defaults.
    package static let standard = HTTPLimits()
}
