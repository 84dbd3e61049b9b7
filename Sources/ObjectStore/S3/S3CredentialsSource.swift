/// Where the credentials for a store come from.
package protocol S3CredentialsSource: Sendable {
    /// Those that a request is signed with; asked before each.
    func current() async -> S3Credentials

    /// Asked when the store has refused some: others, when there are others by now; else nil.
    func replacement(for refused: S3Credentials) async -> S3Credentials?
}

extension S3Credentials: S3CredentialsSource {
    /// These, always.
    package func current() async -> S3Credentials { self }

    /// None.
    package func replacement(for refused: S3Credentials) async -> S3Credentials? { nil }
}
