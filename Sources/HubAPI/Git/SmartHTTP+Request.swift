import GitCore
import HTTPTypes
import NIOCore

/// The form of a request, checked before anything else is done for it.
extension SmartHTTP {
    /// What clients of the old protocol, or a browser, are told.
    static let dumbRefusal = HTTPFailure(
        .forbidden,
        "This is a git repository for clients that speak the smart HTTP protocol (git 1.6.6 or newer)."
    )

    /// The service that `info/refs` is asked for.
    static func service(inQuery query: Substring) throws(HTTPFailure) -> GitService {
        guard let name = QueryItems(query).first("service") else { throw dumbRefusal }
        guard let service = GitService(rawValue: name) else {
            throw HTTPFailure(.forbidden, "The service is git-upload-pack or git-receive-pack.")
        }
        return service
    }

    /// Checks that a POST says it carries what the service reads.
    ///
    /// It also keeps forms on web pages from posting here.
    static func checkContentType(_ exchange: Exchange, _ service: GitService) throws(HTTPFailure) {
        let expected = "application/x-\(service.rawValue)-request"
        guard mediaType(exchange.headers[.contentType]) == expected else {
            throw HTTPFailure(.unsupportedMediaType, "The content type must be \(expected).")
        }
    }

    /// The body as the session reads it: decompressed and bounded.
    ///
    /// - Parameter failure: told why the body broke off, if it does.
    static func body(
        of exchange: Exchange,
        _ service: GitService,
        limits: GitLimits,
        reportingTo failure: BodyFailure
    ) throws -> ByteSource {
        let limit = bodyLimit(service, limits)
        let coding = exchange.headers[.contentEncoding]?.lowercased() ?? "identity"
        switch coding {
        case "identity":
            if let length = exchange.headers[.contentLength].flatMap({ Int64($0) }), length > limit {
                throw BodyError.tooLarge(limit: limit)
            }
            return WatchedBody(BoundedBody(exchange.body, limit: limit), reportingTo: failure)
        case "gzip", "x-gzip":
            let inflated = InflatedBody(exchange.body, limits: InflationLimits(bytes: limit))
            return WatchedBody(inflated, reportingTo: failure)
        default:
            throw HTTPFailure(.unsupportedMediaType, "The content encoding must be gzip or none.")
        }
    }

    /// Bytes of one request, after inflation: all of a fetch, or the pack of a push and what comes before it.
    static func bodyLimit(_ service: GitService, _ limits: GitLimits) -> Int64 {
        switch service {
        case .uploadPack: return Int64(limits.uploadRequestBytes)
        case .receivePack:
            let lines = Int64(limits.commandsPerPush).multipliedReportingOverflow(by: 1_024)
            let (sum, overflows) = limits.packBytes.addingReportingOverflow(lines.partialValue)
            return lines.overflow || overflows ? .max : sum
        }
    }

    private static func mediaType(_ value: String?) -> String? {
        value?.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }
}
