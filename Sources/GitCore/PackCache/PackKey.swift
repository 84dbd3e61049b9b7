import OpenSSLKit

/// Names a pack that is sent, by everything that decides what is in it: equal keys get equal objects.
///
/// A ref that has changed changes what clients want, and a push the packs, so that nothing old is ever served for a new
/// question. Whether a client may have what it wants is decided before.
package struct PackKey: Hashable, Sendable {
    private let digest: [UInt8]

    /// - Parameters:
    ///   - isWhole: whether everything that is stored is asked for.
    ///   - repository: the repository's path: nobody learns from another repository's answers.
    init(
        _ wanted: ObjectSelection.Request,
        isWhole: Bool,
        from packs: PackSet,
        of repository: String,
        _ options: PackStream.Options
    ) throws {
        let hash = try SHA256Stream()
        func add(_ bytes: [UInt8]) throws {
            try withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { try hash.update($0) }
            try bytes.withUnsafeBytes { try hash.update($0) }
        }
        func add(_ oids: [ObjectID]) throws {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(oids.count * ObjectID.byteCount)
            for oid in oids.sorted() { oid.append(to: &bytes) }
            try add(bytes)
        }
        try add(Array(repository.utf8))
        try add(packs.packs.flatMap { Array($0.name.utf8) })
        try add(wanted.wants)
        try add(wanted.haves)
        try add(wanted.clientShallows)
        try add(wanted.shallow.map { Array($0.boundary) } ?? [])
        try add(wanted.shallow?.unshallow ?? [])
        try add(wanted.tags.map(\.tag))
        // A filter is an enumeration of numbers and names, whose description tells all of it.
        try add(Array("\(wanted.filter.map { "\($0)" } ?? "")".utf8))
        try add([wanted.shallow == nil ? 0 : 1, isWhole ? 1 : 0, options.ofsDelta ? 1 : 0, options.thin ? 1 : 0])
        digest = try hash.finalize()
    }
}
