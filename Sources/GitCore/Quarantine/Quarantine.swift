import Glibc

/// A push's pack before it is accepted: a directory of its own inside the repository, invisible to every reader.
///
/// Life: `receive` the bytes, `finishReceiving`, `resolveSome` until it says so, `verify`, then `publish` and `settle`, or
/// `discard` at any point. A crash leaves only the directory, which the next start sweeps. Belongs to one thread at a time.
package final class Quarantine {
    private let directory: String
    private let packs: PackDirectory
    private let pack: IncomingPack
    private let receiver: PackReceiver
    private let repository: ObjectReader
    private let visible: Set<ObjectID>?
    private var resolver: DeltaResolver?
    private var connectivity: Connectivity?

    /// Makes the quarantine directory.
    ///
    /// - Parameters:
    ///   - parent: the repository's `quarantine` directory, on the file system of the packs.
    ///   - name: unique and safe as a file name.
    ///   - visible: what refs lead to; nil when that is everything that is stored. Nothing else may be built upon, or
    ///     it would come back by its name alone.
    package init(
        parent: String,
        name: String,
        packs: PackDirectory,
        visible: Set<ObjectID>?,
        limits: GitLimits
    ) throws {
        self.visible = visible
        directory = parent + "/" + name
        self.packs = packs
        try Directories.create(parent)
        try Directories.create(directory)
        do {
            pack = try IncomingPack(path: directory + "/incoming.pack", directory: directory, limits: limits)
            receiver = try PackReceiver(pack)
            repository = try ObjectReader(packs.current())
        } catch {
            try? Directories.removeTree(directory)
            throw error
        }
    }

    /// Which blobs somebody wants to see; to be set before the first byte is received.
    package var probe: BlobProbe? {
        get { pack.findings.probe }
        set { pack.findings.probe = newValue }
    }

    /// The blobs that the probe matches; complete once all deltas are resolved.
    package var probed: [ObjectID] { pack.findings.probed }

    /// Objects that have arrived, and how many were announced.
    package var received: (objects: Int, announced: Int) {
        let (received, announced) = receiver.progress
        return (received, announced)
    }

    /// Bytes of the pack that have arrived.
    package var receivedBytes: Int64 { receiver.received }

    /// Deltas that are resolved, and how many there are.
    package var resolved: (deltas: Int, total: Int) { (resolver?.resolved ?? 0, pack.deltas.count) }

    /// Takes the next bytes of the pack.
    ///
    /// - Parameter stopsAtTrailer: whether bytes behind the pack's trailer are left alone instead of refused.
    /// - Throws: `PackRefusal`, `FileError`.
    package func receive(_ bytes: UnsafeRawBufferPointer, stopsAtTrailer: Bool = false) throws {
        try receiver.receive(bytes, stopsAtTrailer: stopsAtTrailer)
    }

    /// True once the pack's trailer was read and is right.
    package var isPackComplete: Bool { receiver.isComplete }

    /// Finds the end of the pack once `receive` has refused it; nil when that cannot be told.
    func endOfRefused() -> PackEnd? { receiver.endOfRefused() }

    /// Says that the pack is at its end.
    ///
    /// - Throws: `PackRefusal` when it is cut off.
    package func finishReceiving() throws {
        try receiver.finish()
        resolver = try DeltaResolver(pack, repository: repository, visible: visible)
    }

    /// Resolves about `count` deltas on each thread that works on the pack; false when all are done.
    package func resolveSome(_ count: Int) throws -> Bool {
        try resolver?.step(count) ?? false
    }

    /// Completes a thin pack, writes the index, and checks links, special blobs and the shape of trees.
    ///
    /// - Parameter tips: the new values of refs.
    /// - Throws: `PackRefusal`, `FileError`.
    package func verify(_ tips: [ObjectID]) throws {
        let trailer = try ThinPackCompletion.complete(pack, with: resolver?.missingBases ?? [], from: repository)
        resolver = nil
        let connectivity = try Connectivity(pack, repository: repository, visible: visible)
        try connectivity.verifyLinks()
        checksum = trailer
        self.connectivity = connectivity
        guard !pack.entries.isEmpty else { return }
        try PackIndexWriter.write(connectivity.indexEntries, packChecksum: trailer, base: directory + "/incoming")
        try connectivity.verifySpecialBlobs(read)
        try TreeShape(connectivity, pack, reader: reader()).verify(tips)
    }

    /// The pack's trailer, which names it; known after `verify`.
    package private(set) var checksum = ObjectID.zero

    /// The objects of the quarantine and the repository together; for checks after `verify`.
    package func reader() throws -> ObjectReader {
        guard !pack.entries.isEmpty else { return repository }
        let own = try Pack(directory: directory, name: "incoming", files: packs.files)
        return try ObjectReader(repository.packs.adding(own))
    }

    private func read(_ oid: ObjectID) throws -> GitObject? {
        if cachedReader == nil { cachedReader = try reader() }
        return try cachedReader?.object(oid, limit: pack.limits.objectBytesInMemory)
    }

    private var cachedReader: ObjectReader?

    /// The type of an object that the push may point a ref to; nil when it is nowhere.
    ///
    /// Valid after `verify`.
    package func type(of oid: ObjectID) throws -> ObjectType? {
        try connectivity?.type(of: oid)
    }

    /// True when the pack holds this object.
    package func brought(_ oid: ObjectID) -> Bool {
        connectivity?.entry(of: oid) != nil
    }

    /// True when accepting all of `tips` leaves no object of the pack unreachable.
    package func isCovered(by tips: Set<ObjectID>) -> Bool {
        connectivity?.isCovered(by: tips) ?? true
    }

    /// Puts the pack among the repository's: `.pack` and `.rev` first, `.idx` last, each on stable storage.
    ///
    /// Afterwards the objects are readable; no ref points to them yet. An empty pack publishes nothing. The directory stays
    /// until `settle`: a crash in between leaves it behind without its pack, and the next start knows that objects may
    /// lie in the store that nothing leads to.
    package func publish() throws {
        isUnsettled = true
        if !pack.entries.isEmpty {
            try pack.file.synchronize()
            let base = packs.path + "/pack-" + checksum.hex
            try Directories.exclusively(in: packs.path) {
                // The same bytes may have been put aside; from now on they are wanted again.
                try Directories.removeTree(base + PackDirectory.putAsideEnding)
                for ending in [".pack", ".rev", ".idx"] {
                    let mode: mode_t = 0o400
                    chmod(directory + "/incoming" + ending, mode)
                    try Directories.rename(directory + "/incoming" + ending, to: base + ending)
                }
            }
            try Directories.synchronize(packs.path)
        }
    }

    private var isUnsettled = false

    /// Says that the refs were changed, or that what was published is known to be unreachable.
    package func settle() {
        isUnsettled = false
        discard()
    }

    /// Removes the quarantine and all in it, unless it was published and not settled.
    package func discard() {
        guard !isUnsettled else { return }
        packs.files.forget(below: directory)
        // What cannot be removed now is swept at the next start.
        try? Directories.removeTree(directory)
    }
}
