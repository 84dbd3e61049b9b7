import Access
import LFS
import Metadata
import NIOCore
import ObjectStore
import OpenSSLKit
package import Xet

/// Where a client sends a xorb by itself.
package struct XorbGrant: Sendable {
    /// Names it when the client says that it is there: a credential.
    package let id: String
    /// Where to, by PUT.
    package let url: String
    /// What the client sends along, exactly; its length it tells by itself.
    package let headers: [(name: String, value: String)]
}

extension XetAccess {
    /// How long a grant is good.
    private static let grantSeconds = 3_600
    /// The purpose of the key that signs grants.
    private static let grantPurpose = "granary xet grant v1"

    /// What becomes of the question where to send a xorb.
    package enum GrantAnswer: Sendable {
        /// The scope knows it: nothing need be sent.
        case known
        /// The client sends it to the store itself.
        case grant(XorbGrant)
        /// Bytes go through the server.
        case direct
    }

    /// Says where to send a xorb.
    ///
    /// - Parameters:
    ///   - length: bytes of the serialized xorb.
    ///   - checksum: its CRC-64/NVME, by which stores that know it compare what arrives.
    /// - Throws: `XetFailure` 403, 413; 507 over the quota.
    package func grant(
        _ hash: XetHash,
        length: Int64,
        checksum: UInt64,
        by caller: Caller
    ) async throws -> GrantAnswer {
        try caller.requireWriting()
        let limit = Int64(XorbLimits.standard.storedLength)
        guard (1...limit).contains(length) else { throw XetFailure(status: 413, "A xorb has 1 to \(limit) bytes.") }
        guard try await isNew(hash, length, to: caller) else { return .known }
        guard let staging = StagingID(bytes: try environment.randomBytes(StagingID.byteCount)) else { return .direct }
        let code = withUnsafeBytes(of: checksum.bigEndian) { Base64.encode(Array($0)) }
        let request = try await lfs.withStore {
            try await storage.store.directUnnamed(
                size: length,
                staging: staging,
                checksum: ("x-amz-checksum-crc64nvme", code),
                expiresIn: Self.grantSeconds
            )
        }
        guard let request else { return .direct }
        let expiresAt = environment.now().seconds + Int64(Self.grantSeconds)
        let content = [staging.text, String(length), String(expiresAt)].joined(separator: ".")
        let id = "\(content).\(Base64.encode(try sign(content, hash, caller), .urlSafe))"
        return .grant(
            XorbGrant(id: id, url: request.url, headers: request.headers.filter { $0.name != "content-length" })
        )
    }

    /// Takes a xorb that a client has sent to the store itself: read, proven, and then published.
    ///
    /// - Throws: `XetFailure` 404 when nothing was sent, or for a grant that is not the caller's or has ended, so that the
    ///   client begins again; 400 for what is not the xorb.
    package func commit(_ hash: XetHash, grant id: String, by caller: Caller) async throws {
        try caller.requireWriting()
        let none = XetFailure(status: 404, "Nothing was uploaded by this grant.")
        let words = id.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 4, let staging = StagingID(words[0]), let length = Int64(words[1]),
            let expiresAt = Int64(words[2]), let code = Base64.decode(words[3], .urlSafe),
            constantTimeEqual(code, try sign(words[..<3].joined(separator: "."), hash, caller)),
            environment.now().seconds < expiresAt
        else { throw none }
        // Asked again after a lost answer.
        guard try await isNew(hash, length, to: caller) else { return }
        let outcome = CheckedXorb.Outcome()
        let oid: ObjectKey?
        do {
            oid = try await lfs.withStore {
                try await storage.store.publishUnnamed(staging, size: length) {
                    try await CheckedXorb($0, hash: hash, outcome: outcome).check()
                }
            }
        } catch let failure as LFSFailure {
            throw XetFailure(failure)
        }
        guard let oid, let summary = outcome.summary else { throw none }
        try await settle(summary, oid, length, by: caller)
    }

    private func sign(_ content: String, _ hash: XetHash, _ caller: Caller) throws -> [UInt8] {
        try key(Self.grantPurpose).sign(Array("\(content) \(hash) \(caller.repository.id.text)".utf8))
    }
}
