import Access
import LFS
import OpenSSLKit

/// What the token of a grant says, and its form: base64url of a version, the fields in fixed widths, and their signature.
struct LFSGrantContent: Equatable {
    var keyID: RecordID
    var repositoryID: RecordID
    var operation: LFSOperation
    /// The first second, since 1970, in which it is no longer good.
    var expirySeconds: Int64

    private static let version: UInt8 = 1
    private static let fieldBytes = 1 + 2 * RecordID.byteCount + 1 + 8
    private static let byteCount = fieldBytes + SigningKey.byteCount

    /// Made from its parts.
    init(keyID: RecordID, repositoryID: RecordID, operation: LFSOperation, expirySeconds: Int64) {
        self.keyID = keyID
        self.repositoryID = repositoryID
        self.operation = operation
        self.expirySeconds = expirySeconds
    }

    /// Reads a token; nil unless `key` signed it.
    init?(verifying token: String, with key: SigningKey) {
        // Base64 has four characters for three bytes, so this bounds the work before any is done.
        guard token.utf8.count <= 2 * Self.byteCount, let bytes = Base64.decode(token, .urlSafe),
            bytes.count == Self.byteCount
        else { return nil }
        let fields = Array(bytes.prefix(Self.fieldBytes))
        guard key.isValid(Array(bytes.dropFirst(Self.fieldBytes)), for: fields) else { return nil }
        self.init(fields: fields)
    }

    /// The token.
    func signed(by key: SigningKey) throws -> String {
        let fields = self.fields
        return Base64.encode(fields + (try key.sign(fields)), .urlSafe)
    }

    private var fields: [UInt8] {
        let expiry = UInt64(bitPattern: expirySeconds)
        let expiryBytes = stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: expiry >> UInt64($0)) }
        return [Self.version] + keyID.bytes + repositoryID.bytes + [Self.code(of: operation)] + expiryBytes
    }

    private init?(fields: [UInt8]) {
        guard fields.count == Self.fieldBytes, fields.first == Self.version else { return nil }
        var rest = fields.dropFirst()
        let idBytes = RecordID.byteCount
        guard let keyID = RecordID(bytes: rest.prefix(idBytes)),
            let repositoryID = RecordID(bytes: rest.dropFirst(idBytes).prefix(idBytes))
        else { return nil }
        rest = rest.dropFirst(2 * idBytes)
        guard let code = rest.popFirst(),
            let operation = LFSOperation.allCases.first(where: { Self.code(of: $0) == code })
        else { return nil }
        let expiry = rest.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(
            keyID: keyID,
            repositoryID: repositoryID,
            operation: operation,
            expirySeconds: Int64(bitPattern: expiry)
        )
    }

    private static func code(of operation: LFSOperation) -> UInt8 {
        switch operation {
        case .upload: 1
        case .download: 2
        }
    }
}
