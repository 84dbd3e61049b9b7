import HTTPTypes

/// Names of header fields that HTTPTypes does not know.
extension HTTPField.Name {
    static let gitProtocol = constant("Git-Protocol")
    static let requestID = constant("X-Request-Id")
    static let errorCode = constant("X-Error-Code")
    static let errorMessage = constant("X-Error-Message")
    static let forwardedProto = constant("X-Forwarded-Proto")
    static let forwardedHost = constant("X-Forwarded-Host")
    static let forwardedFor = constant("X-Forwarded-For")
    static let lfsAuthenticate = constant("LFS-Authenticate")
    static let accelRedirect = constant("X-Accel-Redirect")
    static let contentTypeOptions = constant("X-Content-Type-Options")
    static let contentSecurityPolicy = constant("Content-Security-Policy")
    static let exposeHeaders = constant("Access-Control-Expose-Headers")
    static let link = constant("Link")
    static let repoCommit = constant("X-Repo-Commit")
    static let linkedETag = constant("X-Linked-Etag")
    static let linkedSize = constant("X-Linked-Size")
    static let xetHash = constant("X-Xet-Hash")
    static let xetCASURL = constant("X-Xet-Cas-Url")
    static let xetAccessToken = constant("X-Xet-Access-Token")
    static let xetTokenExpiration = constant("X-Xet-Token-Expiration")
    static let rateLimit = constant("RateLimit")
    static let rateLimitPolicy = constant("RateLimit-Policy")
    static let totalCount = constant("X-Total-Count")
    static let pragma = constant("Pragma")
    static let secFetchSite = constant("Sec-Fetch-Site")
    static let host = constant("Host")
    static let downloadCounter = constant("X-HF-Download-Counter")

    /// A name that is known to be well-formed; the other branch is never taken.
    private static func constant(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .date
    }
}
