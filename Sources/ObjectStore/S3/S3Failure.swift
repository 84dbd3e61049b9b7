/// An answer of the store that is not a success, read from the status, the XML and the headers.
struct S3Failure: Error, Sendable, Equatable {
    var status: Int
    /// S3's word, such as `NoSuchKey`; letters and digits only, made from the status when the answer has none.
    var code: String
    /// What the store's operators ask for.
    var requestID: String
    /// The bucket's region, when the answer says that it is another.
    var region: String?
    /// The store's time.
    var serverTime: S3Time?
    /// The part that is at fault.
    var partNumber: Int?

    init(_ answer: S3Answer, body: [UInt8]) {
        self.init(status: answer.status, element: XMLElement.parse(body), answer: answer)
    }

    /// Reads an `<Error>`, also one that came with status 200.
    init(status: Int, element: XMLElement?, answer: S3Answer) {
        let error = element?.name == "Error" ? element : element?.child("Error")
        self.status = status
        code = Self.word(error?.text(of: "Code")) ?? "HTTP\(status)"
        requestID = Self.word(error?.text(of: "RequestId") ?? answer.header("x-amz-request-id")) ?? "unknown"
        region = Self.region(answer.header("x-amz-bucket-region") ?? error?.text(of: "Region"))
        serverTime = answer.header("date").flatMap { S3Time(http: $0) }
        partNumber = error?.text(of: "PartNumber").flatMap { Int($0) }
    }

    /// Whether the same request may well succeed in a moment.
    var isTransient: Bool {
        switch code {
        case "InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "OperationAborted": true
        case "NotImplemented": false
        default: status == 429 || (500...599).contains(status) && status != 507
        }
    }

    /// Whether the store says that our clock is wrong; a HEAD has no code, so its date is judged.
    func isSkew(at time: Int64) -> Bool {
        guard let serverTime else { return false }
        return code == "RequestTimeTooSkewed"
            || code == "HTTP403" && abs(serverTime.seconds - time) > 14 * 60
    }

    /// Whether others than who we say we are may be let in; a HEAD has no code.
    var refusesCredentials: Bool {
        switch code {
        case "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId", "SignatureDoesNotMatch",
            "AccessDenied", "HTTP400", "HTTP401", "HTTP403":
            true
        default: false
        }
    }

    /// The same in the store's vocabulary.
    var translated: ObjectStoreError {
        let text = "\(code), HTTP \(status), request \(requestID)"
        return switch code {
        case "NoSuchUpload": .noSuchUpload
        case "InvalidPart", "InvalidPartOrder", "EntityTooSmall": .invalidPart(partNumber ?? 0)
        case "BadDigest", "XAmzContentSHA256Mismatch": .wrongHash
        case "EntityTooLarge", "QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "HTTP507": .outOfSpace
        default: isTransient || code == "ConditionalRequestConflict" ? .unavailable(text) : .refused(text)
        }
    }

    /// A short word without anything that could confuse a log.
    private static func word(_ text: String?) -> String? {
        guard let text, !text.isEmpty, text.utf8.count <= 128,
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        return text
    }

    private static func region(_ text: String?) -> String? {
        guard let text = word(text), text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) else { return nil }
        return text
    }
}
