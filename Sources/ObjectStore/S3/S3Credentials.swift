/// Who we are to the store; prints as nothing, so that no log and no error can carry it.
package struct S3Credentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    let accessKey: String
    let secretKey: String
    let sessionToken: String?
    /// Seconds since 1970 after which a session is over; nil for credentials that stay.
    let expiresAt: Int64?

    /// Takes fixed credentials, or those of a session.
    package init(accessKey: String, secretKey: String, sessionToken: String? = nil, expiresAt: Int64? = nil) {
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }

    /// A constant.
    package var description: String { "S3Credentials(hidden)" }

    /// No children.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
