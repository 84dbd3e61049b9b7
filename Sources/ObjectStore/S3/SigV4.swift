import OpenSSLKit

/// What of a request is signed.
package struct SignableRequest: Sendable {
    package var method: String
    /// The value of the header `Host`.
    package var host: String
    /// The path as it is sent: encoded once, not normalised.
    package var path: String
    /// Names and values before encoding; a parameter without value has an empty one.
    package var query: [(name: String, value: String)] = []
    /// Every header that must not be changed on the way, but for those that signing adds.
    package var headers: [(name: String, value: String)] = []
    /// Hexadecimal SHA-256 of the body, or `UNSIGNED-PAYLOAD`.
    package var payloadHash: String = SigV4.emptyHash

    /// A request from its parts.
    package init(
        method: String,
        host: String,
        path: String,
        query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [],
        payloadHash: String = SigV4.emptyHash
    ) {
        (self.method, self.host, self.path) = (method, host, path)
        (self.query, self.headers, self.payloadHash) = (query, headers, payloadHash)
    }

    /// The query as it is signed and sent: encoded, and sorted by name and then value.
    package var canonicalQuery: String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }
            .map { $0.0 + "=" + $0.1 }
            .joined(separator: "&")
    }

    /// Headers in lower case, trimmed, inner runs of spaces made one, sorted; `host` is among them.
    package var canonicalHeaders: [(name: String, value: String)] {
        (headers + [("host", host)])
            .map { ($0.name.lowercased(), $0.value.split(separator: " ").joined(separator: " ")) }
            .sorted { $0.0 < $1.0 }
    }

    /// The names of the signed headers, joined by `;`.
    package var signedHeaders: String { canonicalHeaders.map(\.name).joined(separator: ";") }

    /// The text whose hash is signed.
    package var canonicalText: String {
        let lines = canonicalHeaders.map { $0.name + ":" + $0.value + "\n" }.joined()
        return [method, path, canonicalQuery, lines, signedHeaders, payloadHash].joined(separator: "\n")
    }
}

/// AWS Signature, version 4, for the service `s3`.
///
/// - Source: AWS "Authenticating Requests (AWS Signature Version 4)", S3 API reference.
package struct SigV4: Sendable {
    package let credentials: S3Credentials
    package let region: String
    package let time: S3Time

    /// A signer for one moment.
    package init(credentials: S3Credentials, region: String, time: S3Time) {
        (self.credentials, self.region, self.time) = (credentials, region, time)
    }

    package static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    package static let unsignedPayload = "UNSIGNED-PAYLOAD"
    private static let algorithm = "AWS4-HMAC-SHA256"

    /// The request's headers and those that prove who sends it.
    package func authorize(_ request: SignableRequest) throws -> [(name: String, value: String)] {
        var request = request
        request.headers += [("x-amz-date", time.basic), ("x-amz-content-sha256", request.payloadHash)]
        if let token = credentials.sessionToken { request.headers.append(("x-amz-security-token", token)) }
        let authorization =
            "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope),"
            + "SignedHeaders=\(request.signedHeaders),Signature=\(try signature(of: request))"
        return request.headers + [("Authorization", authorization)]
    }

    /// The query that lets anybody send this request for `expiresIn` seconds, 1 through 604,800.
    package func presign(_ request: SignableRequest, expiresIn: Int) throws -> String {
        var request = request
        request.payloadHash = Self.unsignedPayload
        request.query += [
            ("X-Amz-Algorithm", Self.algorithm),
            ("X-Amz-Credential", credentials.accessKey + "/" + scope),
            ("X-Amz-Date", time.basic),
            ("X-Amz-Expires", String(min(max(1, expiresIn), 604_800))),
            ("X-Amz-SignedHeaders", request.signedHeaders),
        ]
        if let token = credentials.sessionToken { request.query.append(("X-Amz-Security-Token", token)) }
        return request.canonicalQuery + "&X-Amz-Signature=" + (try signature(of: request))
    }

    /// 64 hexadecimal digits.
    package func signature(of request: SignableRequest) throws -> String {
        let hash = Hex.encode(try SHA256.digest(Array(request.canonicalText.utf8)))
        let text = [Self.algorithm, time.basic, scope, hash].joined(separator: "\n")
        return Hex.encode(try HMACSHA256.authenticationCode(for: Array(text.utf8), key: try signingKey()))
    }

    private var scope: String { "\(time.date)/\(region)/s3/aws4_request" }

    private func signingKey() throws -> [UInt8] {
        try [time.date, region, "s3", "aws4_request"].reduce(Array("AWS4\(credentials.secretKey)".utf8)) { key, text in
            try HMACSHA256.authenticationCode(for: Array(text.utf8), key: key)
        }
    }
}
