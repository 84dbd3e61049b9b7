import HubAPI
import HubCore
import Logging

/// Every configuration key, declared once.
///
/// Flags, environment variables, the file and `granary config` follow from it.
enum Keys {
    static let config = ConfigurationKey(
        "config",
        .optionalPath,
        default: "",
        inFile: false,
        "The YAML file to read; without it there is no file."
    )
    static let data = ConfigurationKey(
        "data",
        .path,
        default: "./granary-data",
        "The directory that holds everything: database, repositories, secrets."
    )
    static let http = ConfigurationKey(
        "http",
        .address,
        default: "127.0.0.1:8080",
        "Where git, API and web requests are answered."
    )
    static let metrics = ConfigurationKey(
        "metrics",
        .addressOrOff,
        default: "127.0.0.1:9090",
        "Where Prometheus reads /metrics; it has no access control, so keep it private."
    )
    static let publicURL = ConfigurationKey(
        "public-url",
        .optionalURL,
        default: "",
        "The URL under which clients reach the server; without it each request's own Host is used."
    )
    static let tlsCertificate = ConfigurationKey(
        "tls-certificate",
        .optionalPath,
        default: "",
        "PEM file with the certificate chain, leaf first; with tls-key it turns HTTPS on. Read again on SIGHUP."
    )
    static let tlsKey = ConfigurationKey(
        "tls-key",
        .optionalPath,
        default: "",
        "PEM file with the private key of tls-certificate. Read again on SIGHUP."
    )
    static let passwordLogin = ConfigurationKey(
        "password-login",
        .boolean,
        default: "true",
        "Whether git and the API accept account passwords; access tokens always work."
    )
    static let trustForwardedHeaders = ConfigurationKey(
        "trust-forwarded-headers",
        .boolean,
        default: "false",
        "Whether X-Forwarded-For, -Proto and -Host are believed; only behind a proxy that sets them itself."
    )
    static let logLevel = ConfigurationKey(
        "log-level",
        .choice as ValueFormat<Logger.Level>,
        default: "info",
        "The least severe events that are logged. Read again on SIGHUP."
    )
    static let logFormat = ConfigurationKey(
        "log-format",
        .choice as ValueFormat<LogFormat>,
        default: "text",
        "How a logged event looks: text for people, json for machines, one line each."
    )
    static let gitThreads = ConfigurationKey(
        "git-threads",
        .integer(1...256),
        default: "\(HubSettings(dataDirectory: "").gitThreads)",
        flag: .set,
        "How much work on packs runs at a time; further requests wait for their turn."
    )
    static let shutdownGraceSeconds = ConfigurationKey(
        "shutdown-grace-seconds",
        .integer(0...3_600),
        default: "30",
        "Seconds that running requests get to finish after SIGTERM or SIGINT."
    )

    /// All keys in the order `granary config` prints them.
    static let all: [KeyDeclaration] =
        [
            config.declaration, data.declaration, http.declaration, metrics.declaration, publicURL.declaration,
            tlsCertificate.declaration, tlsKey.declaration, passwordLogin.declaration,
            trustForwardedHeaders.declaration, logLevel.declaration, logFormat.declaration,
            gitThreads.declaration, shutdownGraceSeconds.declaration,
        ] + LimitKey.all.map(\.declaration)

    /// The key of a name, or nil.
    static func declaration(named name: String) -> KeyDeclaration? { all.first { $0.name == name } }
}
