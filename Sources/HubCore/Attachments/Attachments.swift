package import Access
import Logging
import Metadata
package import ObjectStore
import OpenSSLKit

/// Pictures, films and sounds that people attach to what they write.
///
/// Whoever has the address of one may read it: browsers show them in pages of whoever was given the page, and send no
/// credentials with it. So an address is 128 random bits.
package struct Attachments: Sendable {
    private let database: Database
    private let environment: HubEnvironment
    private let settings: HubSettings
    private let lfs: LFSAccess

    /// Bytes of all attachments of one account together.
    package static let accountBytes: Int64 = 1 << 30

    /// The types that are taken, with the suffix of their addresses: all that browsers show and none that they run.
    package static let suffixes = [
        "image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/webp": "webp", "video/mp4": "mp4",
        "video/quicktime": "mov", "video/webm": "webm", "audio/mpeg": "mp3", "audio/wav": "wav",
    ]

    /// Attachments whose bytes lie beside large files.
    init(metadata: MetadataStore, environment: HubEnvironment, settings: HubSettings, lfs: LFSAccess) {
        database = Database(store: metadata)
        self.environment = environment
        self.settings = settings
        self.lfs = lfs
    }

    /// Bytes of one attachment of a type; nil for types that are not taken.
    package static func limit(ofType mediaType: String) -> Int64? {
        guard suffixes[mediaType] != nil else { return nil }
        return mediaType.hasPrefix("video/") ? 50 << 20 : 10 << 20
    }

    /// Takes an attachment.
    ///
    /// - Parameter mediaType: one of `suffixes`.
    /// - Returns: the name by which everybody reads it.
    /// - Throws: `HubError.invalid` for other types, `.tooLarge`, `.forbidden` when the account has attached too much.
    package func attach(_ mediaType: String, _ bytes: ByteSourceLike, by actor: Actor) async throws -> String {
        try AccessPolicy.decide(actor, .participate, on: .hub).require("hub")
        guard let userID = actor.userID else { throw HubError(.forbidden, "Only accounts attach files.") }
        guard let limit = Self.limit(ofType: mediaType), let suffix = Self.suffixes[mediaType] else {
            let known = Self.suffixes.keys.sorted().joined(separator: ", ")
            throw HubError(.invalid, "Attachments are of the types \(known).")
        }
        // Asked before the body is read as well.
        try await database.read { try Self.makeRoom(for: 0, userID, $0) }
        let spooled = try await SpooledBytes(bytes, limit: limit, in: "\(settings.dataDirectory)/tmp")
        let attachment = AttachmentRecord(
            id: Hex.encode(try environment.randomBytes(16)),
            userID: userID,
            oid: spooled.oid.hex,
            size: spooled.count,
            mediaType: mediaType,
            createdAt: environment.now()
        )
        try await lfs.withStore { try await lfs.store.put(spooled.oid, size: spooled.count, bytes: spooled) }
        let isCondemned = try await database.transaction { records in
            try Self.makeRoom(for: spooled.count, userID, records)
            try records.insertAttachment(attachment)
            return try records.isLFSObjectCondemned(attachment.oid)
        }
        if isCondemned { try await secure(attachment, spooled.oid) }
        return "\(attachment.id).\(suffix)"
    }

    /// Opens an attachment by its name.
    ///
    /// - Throws: `HubError.notFound`.
    package func open(_ name: String) async throws -> (download: LFSDownload, mediaType: String) {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, parts[0].utf8.count == 32, parts[0].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            let attachment = try await database.read({ try $0.attachment(id: parts[0]) }),
            Self.suffixes[attachment.mediaType] == parts[1], let oid = ObjectKey(hex: attachment.oid)
        else { throw HubError(.notFound, "There is no such attachment.") }
        return (try await lfs.download(oid, size: attachment.size), attachment.mediaType)
    }

    private static func makeRoom(for size: Int64, _ userID: RecordID, _ records: Records) throws {
        guard try records.attachmentBytes(userID: userID) + size <= accountBytes else {
            throw HubError(.forbidden, "An account attaches at most \(accountBytes >> 20) MiB.")
        }
    }

    /// Sees to it that the bytes are there, which a collection has set aside, or is about to.
    private func secure(_ attachment: AttachmentRecord, _ oid: ObjectKey) async throws {
        try await lfs.bringBack(oid)
        guard try await lfs.withStore({ try await lfs.store.size(of: oid) }) == nil else { return }
        try await database.transaction { try $0.deleteAttachment(id: attachment.id) }
        throw HubError(.unavailable(retryAfterSeconds: 1), "The file was removed while it arrived. Send it again.")
    }
}
