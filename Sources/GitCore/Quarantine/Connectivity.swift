/// Verifies that everything an incoming pack refers to exists and is of the right type.
///
/// The store is closed: whatever a published object refers to is published too, because no pack is accepted otherwise.
/// So it is enough that each link ends in the pack or in the store; old history is never walked
/// (`docs/adr/0005-closed-object-store.md`).
struct Connectivity {
    private let pack: IncomingPack
    private let repository: ObjectReader
    /// The objects of the repository that may be referred to; nil for all.
    private let visible: Set<ObjectID>?
    /// Indexes of the pack's entries in the order of their ids.
    private let byID: [UInt32]

    /// - Throws: `PackRefusal.malformed` when an object is twice in the pack.
    init(_ pack: IncomingPack, repository: ObjectReader, visible: Set<ObjectID>? = nil) throws {
        self.visible = visible
        self.pack = pack
        self.repository = repository
        let entries = pack.entries
        byID = (0..<UInt32(clamping: entries.count)).sorted { entries[Int($0)].oid < entries[Int($1)].oid }
        for (left, right) in zip(byID, byID.dropFirst()) where entries[Int(left)].oid == entries[Int(right)].oid {
            throw PackRefusal.malformed("object \(entries[Int(left)].oid) is twice in the pack")
        }
    }

    /// The rows of the pack's index.
    var indexEntries: [IndexedEntry] {
        byID.map { number in
            let entry = pack.entries[Int(number)]
            return IndexedEntry(oid: entry.oid, crc32: entry.crc32, offset: entry.offset)
        }
    }

    /// Index of an object's entry in the pack; nil when the pack does not hold it.
    func entry(of oid: ObjectID) -> Int? {
        var low = 0
        var high = byID.count
        while low < high {
            let middle = (low + high) / 2
            let candidate = pack.entries[Int(byID[middle])].oid
            if candidate == oid { return Int(byID[middle]) }
            if candidate < oid { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The type of an object in the pack or the store; nil when it is in neither, or not to be seen.
    func type(of oid: ObjectID) throws -> ObjectType? {
        if let entry = entry(of: oid) { return pack.entries[entry].objectType }
        if let visible, !visible.contains(oid) { return nil }
        return try repository.header(of: oid)?.type
    }

    /// Checks every link.
    ///
    /// - Throws: `PackRefusal.missingLink`, naming one object that is missing or of another type.
    func verifyLinks() throws {
        try pack.findings.links.forEach { oid, expected in
            guard try type(of: oid) == expected else { throw PackRefusal.missingLink(oid, expected) }
        }
    }

    /// True when each object of the pack is one of `tips`, is referred to by another object of the pack, or was
    /// published before: then accepting all tips leaves nothing unreachable behind.
    func isCovered(by tips: Set<ObjectID>) -> Bool {
        pack.entries.allSatisfy { entry in
            pack.findings.links.contains(entry.oid) || tips.contains(entry.oid) || repository.packs.contains(entry.oid)
        }
    }

    /// Applies the rules for blobs with a meaning, which are known only by their names in trees.
    func verifySpecialBlobs(_ read: (ObjectID) throws -> GitObject?) throws {
        for oid in Set(pack.findings.special.gitmodules) {
            try verify(oid, limit: pack.limits.objectParts.gitmodulesBytes, tooLarge: .gitmodulesLarge, read) {
                try GitmodulesCheck.check($0, limits: pack.limits)
            }
        }
        for oid in Set(pack.findings.special.gitattributes) {
            try verify(oid, limit: pack.limits.objectBytesInMemory, tooLarge: .gitattributesLarge, read) {
                try GitattributesCheck.check($0, limits: pack.limits)
            }
        }
    }

    private func verify(
        _ oid: ObjectID,
        limit: Int,
        tooLarge: ObjectError,
        _ read: (ObjectID) throws -> GitObject?,
        _ check: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        // A blob that is published already was checked when it came, perhaps under another name: check it again.
        do {
            guard let object = try read(oid) else { return }
            guard object.bytes.count <= limit else { throw tooLarge }
            try object.bytes.withUnsafeBytes { try check($0) }
        } catch let error as ObjectError {
            throw PackRefusal.object(oid, .blob, error)
        } catch PackError.tooLarge {
            throw PackRefusal.object(oid, .blob, tooLarge)
        }
    }
}
