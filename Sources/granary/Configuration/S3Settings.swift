import ObjectStore

/// Which way bytes of an S3 store take to and from clients.
enum S3Mode: String, CaseIterable, Sendable {
    /// Clients talk to the store, by URLs that the hub signs.
    case direct
    /// All bytes go through the hub; clients need not reach the store.
    case proxy
}

/// What the configuration says about an S3 store.
struct S3Settings: Sendable {
    /// Where it is and how it is used.
    let store: S3Configuration
    /// What requests are signed with.
    let credentials: CredentialsPlace

    /// Where the credentials stand.
    enum CredentialsPlace: Sendable {
        /// In the configuration.
        case configured(S3Credentials)
        /// In a file of their own, which somebody renews.
        case file(String)
    }

    /// The settings; nil when large files are in a directory.
    init?(_ configuration: Configuration) throws(ConfigurationError) {
        guard let endpoint = try configuration[Keys.s3Endpoint], let bucket = try configuration[Keys.s3Bucket],
            let credentials = try Self.credentials(configuration)
        else { return nil }
        var store = S3Configuration(endpoint: endpoint, bucket: bucket)
        store.publicEndpoint = try configuration[Keys.s3PublicEndpoint]
        store.region = try configuration[Keys.s3Region]
        store.prefix = try configuration[Keys.s3Prefix] ?? ""
        store.addressStyle = try configuration[Keys.s3AddressStyle]
        store.isProxied = try configuration[Keys.s3Mode] == .proxy
        store.certificateFile = try configuration[Keys.s3CAFile]
        self.store = store
        self.credentials = credentials
    }

    private static func credentials(_ configuration: Configuration) throws(ConfigurationError) -> CredentialsPlace? {
        if let path = try configuration[Keys.s3CredentialsFile] { return .file(path) }
        guard let accessKey = try configuration[Keys.s3AccessKey], let secretKey = try configuration[Keys.s3SecretKey]
        else { return nil }
        return .configured(
            S3Credentials(
                accessKey: accessKey,
                secretKey: secretKey,
                sessionToken: try configuration[Keys.s3SessionToken]
            )
        )
    }

    /// The store, for people.
    var description: String { "bucket \(store.bucket) at \(store.endpoint.text)" }

    /// What is wrong with the keys taken together.
    static func problems(of configuration: Configuration) throws(ConfigurationError) -> [String] {
        guard try configuration[Keys.s3Endpoint] != nil else {
            // A bucket without a store is a mistake that would otherwise be found when the disk is full.
            return Keys.s3.filter { configuration.isGiven($0.name) }.map { key in
                "`\(key.name)` is given without `s3-endpoint`; give both, or neither to keep large files in a directory"
            }
        }
        var problems: [String] = []
        let isInFile = try configuration[Keys.s3CredentialsFile] != nil
        let needed = [Keys.s3Bucket] + (isInFile ? [] : [Keys.s3AccessKey, Keys.s3SecretKey])
        for key in needed where try configuration[key] == nil {
            let (name, variable) = (key.declaration.name, key.declaration.environmentName)
            let place = key.declaration.isSecret ? "; set \(variable), or name an `s3-credentials-file`" : ""
            problems.append("`s3-endpoint` is given without `\(name)`\(place)")
        }
        let unneeded = isInFile ? [Keys.s3AccessKey, Keys.s3SecretKey, Keys.s3SessionToken] : []
        for key in unneeded where try configuration[key] != nil {
            problems.append("`s3-credentials-file` and `\(key.declaration.name)` are both given; give one of them")
        }
        if try configuration[Keys.objects] != nil {
            problems.append("`objects` and `s3-endpoint` are both given; large files are in one place")
        }
        return problems
    }
}

extension S3Settings {
    /// Names that S3 and the stores like it give to buckets.
    static let bucketName = Word(
        accepts: "the name of a bucket: at most 255 letters, digits, dots, hyphens and underscores",
        limit: 255
    ) { isLetterOrDigit($0) || ".-_".utf8.contains($0) }

    static let region = Word(accepts: "at most 64 letters, digits and hyphens", limit: 64) {
        isLetterOrDigit($0) || $0 == UInt8(ascii: "-")
    }

    static let keyPrefix = Word(
        accepts: "at most 256 letters, digits, dots, hyphens, underscores and slashes",
        limit: 256
    ) { isLetterOrDigit($0) || ".-_/".utf8.contains($0) }

    static let credential = Word(accepts: "at most 256 visible ASCII characters", limit: 256, isAllowed: isVisible)

    static let sessionToken = Word(
        accepts: "at most 8192 visible ASCII characters",
        limit: 8_192,
        isAllowed: isVisible
    )

    @Sendable private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7e).contains(byte) }

    @Sendable private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
