import Access
import HTTPTypes
package import HubCore

/// Counts requests where it is known who asks, and turns too many away.
///
/// - Source: Hugging Face's "Hub Rate limits"; draft-ietf-httpapi-ratelimit-headers.
package struct RateGate: Sendable {
    private let limiter: RateLimiter

    /// A gate that counts by `limiter`.
    package init(_ limiter: RateLimiter) {
        self.limiter = limiter
    }

    /// Counts a request, and tells how many are left in its answer.
    ///
    /// - Throws: 429 when there were too many.
    func pass(
        _ bucket: RateBucket,
        as actor: Access.Actor,
        at address: String,
        _ response: ResponseStream? = nil
    ) throws(HTTPFailure) {
        try judge(limiter.charge(bucket, to: actor, at: address), bucket, response) { failure in
            // Git shows credentials only when it is asked for them, and has to get past what its whole network has done.
            bucket == .git && actor == .anonymous ? failure.askingForLogin : failure
        }
    }

    /// Counts a request whose answer is ready, and gives the fields that tell how many are left.
    ///
    /// - Returns: nil when there were too many; `pass`, which counts it again, says so.
    func passAtHand(_ bucket: RateBucket, as actor: Access.Actor, at address: String) -> HTTPFields? {
        guard let verdict = limiter.charge(bucket, to: actor, at: address) else { return [:] }
        return verdict.isAllowed ? verdict.headers(for: bucket) : nil
    }

    /// Counts a request by a signed link.
    ///
    /// - Throws: 429 when there were too many.
    func passLink(_ bucket: RateBucket, at address: String) throws(HTTPFailure) {
        try judge(limiter.chargeLink(bucket, at: address), bucket, nil) { $0 }
    }

    private func judge(
        _ verdict: RateVerdict?,
        _ bucket: RateBucket,
        _ response: ResponseStream?,
        asking change: (HTTPError) -> HTTPError
    ) throws(HTTPFailure) {
        guard let verdict else { return }
        guard verdict.isAllowed else { throw HTTPFailure(change(verdict.refusal(of: bucket))) }
        response?.add(verdict.headers(for: bucket))
    }
}

extension HTTPError {
    /// The same as a question for credentials, with which there is another count.
    fileprivate var askingForLogin: HTTPError {
        var error = self
        error.status = .unauthorized
        error.message = "Too many requests without an account come from your network. Sign in. " + message
        error.headers.append(contentsOf: HTTPError.challenge)
        return error
    }
}

extension RateVerdict {
    /// What a request is told that was one too many.
    fileprivate func refusal(of bucket: RateBucket) -> HTTPError {
        var headers = headers(for: bucket)
        headers[.retryAfter] = "\(resetSeconds)"
        return HTTPError(
            .tooManyRequests,
            "You have made \(quota) requests in \(windowSeconds) seconds. Try again in \(resetSeconds) seconds.",
            headers: headers
        )
    }

    /// The fields by which clients know when to come back.
    fileprivate func headers(for bucket: RateBucket) -> HTTPFields {
        [
            .rateLimit: "\"\(bucket.rawValue)\";r=\(remaining);t=\(resetSeconds)",
            .rateLimitPolicy: "\"fixed window\";\"\(bucket.rawValue)\";q=\(quota);w=\(windowSeconds)",
        ]
    }
}

extension APIOperation {
    /// What its requests count as: whatever streams below a repository's own address is a file.
    var bucket: RateBucket {
        paths.allSatisfy { $0.parts.first == .literal("api") } ? .api : .resolvers
    }
}
