import HubAPI
import HubCore
import Logging
import ObjectStore

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
    static let database = ConfigurationKey(
        "database",
        .optionalDatabase,
        default: "",
        isSecret: true,
        "The PostgreSQL database for records, as a postgres:// URL; without it an SQLite file in the data directory."
    )
    static let databaseConnections = ConfigurationKey(
        "database-connections",
        .integer(1...64),
        default: "8",
        flag: .set,
        "Connections to the PostgreSQL database that read at a time; one more writes, and one listens."
    )
    static let objects = ConfigurationKey(
        "objects",
        .optionalPath,
        default: "",
        "The directory for large files, which may be on another file system; without it `objects` in the data directory."
    )
    static let accelRedirect = ConfigurationKey(
        "x-accel-redirect",
        .optionalPath,
        default: "",
        flag: .set,
        "The internal location of an nginx in front that serves the directory of large files; without it they are sent."
    )
    static let lfsActionSeconds = ConfigurationKey(
        "lfs-action-seconds",
        .integer(6...86_400),
        default: "\(HubSettings(dataDirectory: "").lfsActionSeconds)",
        flag: .set,
        "Seconds that a link to a large file is good; longer for files so large that they need it."
    )
    static let lfsCollectionSeconds = ConfigurationKey(
        "lfs-gc-seconds",
        .integer(0...2_592_000),
        default: "\(HubSettings(dataDirectory: "").lfsCollectionSeconds)",
        flag: .set,
        "Seconds between two garbage collections of large files, as `granary lfs gc` does them; 0 for none by itself."
    )
    static let xetDeduplication = ConfigurationKey(
        "xet-dedup",
        .choice as ValueFormat<XetDeduplication>,
        default: XetDeduplication.organization.rawValue,
        flag: .set,
        "How far chunks are shared, and who learns that others have sent them: off (within a repository), organization, hub."
    )
    static let xetChunkedFrom = ConfigurationKey(
        "xet-chunk-bytes",
        .integer(0...Int64.max),
        default: "\(HubSettings(dataDirectory: "").xetChunkedFrom)",
        flag: .set,
        "Large files of so many bytes and more that come whole can be downloaded by chunks as well; 0 for none."
    )
    static let s3Endpoint = ConfigurationKey(
        "s3-endpoint",
        .optionalS3Endpoint,
        default: "",
        flag: .set,
        "The S3 store for large files, in place of a directory; without it they are in `objects`."
    )
    static let s3PublicEndpoint = ConfigurationKey(
        "s3-public-endpoint",
        .optionalS3Endpoint,
        default: "",
        flag: .set,
        "Where clients find the S3 store, when that is not s3-endpoint."
    )
    static let s3Bucket = ConfigurationKey(
        "s3-bucket",
        .optionalWord(S3Settings.bucketName),
        default: "",
        flag: .set,
        "The bucket for large files, which must exist."
    )
    static let s3Region = ConfigurationKey(
        "s3-region",
        .word(S3Settings.region),
        default: "us-east-1",
        flag: .set,
        "The region in signatures; corrected when the store names another."
    )
    static let s3Prefix = ConfigurationKey(
        "s3-prefix",
        .optionalWord(S3Settings.keyPrefix),
        default: "",
        flag: .set,
        "What stands before every key in the bucket, so that several hubs may share one."
    )
    static let s3AddressStyle = ConfigurationKey(
        "s3-address-style",
        .choice as ValueFormat<S3AddressStyle>,
        default: S3AddressStyle.path.rawValue,
        flag: .set,
        "Whether the bucket stands in the path of URLs or before the host: path or virtual."
    )
    static let s3Mode = ConfigurationKey(
        "s3-mode",
        .choice as ValueFormat<S3Mode>,
        default: S3Mode.direct.rawValue,
        flag: .set,
        "Whether clients send to and load from the store directly, by signed URLs, or all bytes go through this server."
    )
    static let s3CAFile = ConfigurationKey(
        "s3-ca-file",
        .optionalPath,
        default: "",
        flag: .set,
        "PEM file of certificate authorities to trust for the S3 store beside the system's."
    )
    static let s3AccessKey = ConfigurationKey(
        "s3-access-key",
        .optionalWord(S3Settings.credential),
        default: "",
        flag: .none,
        isSecret: true,
        "The access key id for the S3 store."
    )
    static let s3SecretKey = ConfigurationKey(
        "s3-secret-key",
        .optionalWord(S3Settings.credential),
        default: "",
        flag: .none,
        isSecret: true,
        "The secret access key for the S3 store."
    )
    static let s3SessionToken = ConfigurationKey(
        "s3-session-token",
        .optionalWord(S3Settings.sessionToken),
        default: "",
        flag: .none,
        isSecret: true,
        "The token of temporary credentials for the S3 store, which last until it is over."
    )
    static let s3CredentialsFile = ConfigurationKey(
        "s3-credentials-file",
        .optionalPath,
        default: "",
        flag: .set,
        "A file with access key, secret key and token as AWS's tools write it, in place of those keys; it may be renewed."
    )
    static let webhooksAllow = ConfigurationKey(
        "webhooks-allow",
        .outboundRules,
        default: "",
        flag: .set,
        "Where webhooks may call beside the public internet: networks, addresses, names and *.domain, with commas."
    )
    static let webhooksCAFile = ConfigurationKey(
        "webhooks-ca-file",
        .optionalPath,
        default: "",
        flag: .set,
        "PEM file of certificate authorities to trust where webhooks call, beside the system's."
    )
    static let http = ConfigurationKey(
        "http",
        .address,
        default: "127.0.0.1:8080",
        "Where git, API and web requests are answered."
    )
    static let ssh = ConfigurationKey(
        "ssh",
        .addressOrOff,
        default: "127.0.0.1:2222",
        "Where git is served by SSH."
    )
    static let sshPublicAddress = ConfigurationKey(
        "ssh-public-address",
        .optionalAddress,
        default: "",
        "Host and port under which clients reach SSH, as /api/ssh tells them; without it the host of public-url."
    )
    static let sshHostKeys = ConfigurationKey(
        "ssh-host-keys",
        .hostKeyAlgorithms,
        default: "ed25519,rsa",
        flag: .set,
        "The kinds of host key that SSH clients are offered; one of each kind is made at the first start."
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
            config.declaration, data.declaration, database.declaration, databaseConnections.declaration,
            objects.declaration, http.declaration, ssh.declaration,
            metrics.declaration,
            publicURL.declaration, sshPublicAddress.declaration, sshHostKeys.declaration,
            tlsCertificate.declaration, tlsKey.declaration, passwordLogin.declaration,
            trustForwardedHeaders.declaration, logLevel.declaration, logFormat.declaration,
            gitThreads.declaration, lfsActionSeconds.declaration, lfsCollectionSeconds.declaration,
            xetDeduplication.declaration, xetChunkedFrom.declaration,
            accelRedirect.declaration, webhooksAllow.declaration, webhooksCAFile.declaration,
            shutdownGraceSeconds.declaration,
        ] + s3 + LimitKey.all.map(\.declaration)

    /// The keys of the S3 store.
    static let s3: [KeyDeclaration] = [
        s3Endpoint.declaration, s3PublicEndpoint.declaration, s3Bucket.declaration, s3Region.declaration,
        s3Prefix.declaration, s3AddressStyle.declaration, s3Mode.declaration, s3CAFile.declaration,
        s3AccessKey.declaration, s3SecretKey.declaration, s3SessionToken.declaration, s3CredentialsFile.declaration,
    ]

    /// The key of a name, or nil.
    static func declaration(named name: String) -> KeyDeclaration? { all.first { $0.name == name } }
}
