import OpenSSLKit

/// Objects that the server makes, on their way into a pack: commits of the API go the way of every push.
///
/// Holds little in memory, whatever the objects' size. Belongs to one thread at a time.
package final class PackDraft {
    private let entries: Spool
    private let isKnown: (ObjectID) -> Bool
    private var count: UInt32 = 0
    private var oids: Set<ObjectID> = []

    /// - Parameters:
    ///   - directory: where the draft goes when it is large.
    ///   - isKnown: whether the repository has an object already, so that it need not come again.
    package init(spoolingIn directory: String, isKnown: @escaping (ObjectID) -> Bool = { _ in false }) {
        entries = Spool(in: directory)
        self.isKnown = isKnown
    }

    /// Adds an object unless it is known, or is `base`; its id.
    package func add(_ type: ObjectType, _ content: [UInt8], unless base: ObjectID? = nil) throws -> ObjectID {
        let oid = try content.withUnsafeBytes { try ObjectHasher.id(of: $0, type: type) }
        guard oid != base, isNew(oid) else { return oid }
        var entry: [UInt8] = []
        PackEntryHeader.encode(type: PackEntryType(type), size: UInt64(content.count), into: &entry)
        entry += try content.withUnsafeBytes { try WholeDeflater(level: 6).deflate($0) }
        try entries.append(entry)
        return oid
    }

    /// Adds a blob of any size unless it is known; its id.
    ///
    /// - Parameter read: gives the content in pieces, `size` bytes in all, each time it is called.
    package func addBlob(
        size: Int64,
        _ read: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> ObjectID {
        let hasher = try StreamingObjectHasher(type: .blob, size: size)
        try read { try hasher.update($0) }
        let oid = try hasher.finish()
        guard isNew(oid) else { return oid }
        var header: [UInt8] = []
        PackEntryHeader.encode(type: .blob, size: UInt64(clamping: size), into: &header)
        try entries.append(header)
        let deflater = try StreamDeflater(level: 6)
        try read { try deflater.deflate($0, isLast: false) { try entries.append($0) } }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        try deflater.deflate(nothing, isLast: true) { try entries.append($0) }
        return oid
    }

    /// Notes an object; false when it is here or in the repository.
    private func isNew(_ oid: ObjectID) -> Bool {
        guard !isKnown(oid), oids.insert(oid).inserted else { return false }
        count += 1
        return true
    }

    /// Writes the objects of several drafts as one pack, in pieces.
    ///
    /// - Source: gitformat-pack(5).
    package static func write(_ drafts: [PackDraft], to sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        let checksum = try SHA1Stream()
        func put(_ bytes: UnsafeRawBufferPointer) throws {
            try checksum.update(bytes)
            try sink(bytes)
        }
        try Pack.header(count: drafts.reduce(0) { $0 + $1.count }).withUnsafeBytes { try put($0) }
        for draft in drafts { try draft.entries.read(put) }
        try checksum.finalize().withUnsafeBytes { try sink($0) }
    }
}
