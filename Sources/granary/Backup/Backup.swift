import GitCore
import Metadata
import ObjectStore

/// Makes one point in time from a hub that may be serving meanwhile.
///
/// The database's snapshot decides. It is taken first: packs appear before the refs that lead to them, and large files before
/// their rows, so that what the snapshot speaks of is found afterwards, unless it has gone meanwhile; then a new snapshot is
/// taken, and what was sent counts.
struct Backup: Sendable {
    /// Where the records are.
    let driver: any SQLDriver
    /// Where the large files are.
    let objects: any ObjectStore
    /// The data directory.
    let directory: String
    /// Where the backup goes.
    let place: BackupPlace
    /// Whether the keys in `secrets` belong to it.
    let includesSecrets: Bool

    /// Snapshots that are tried until one is complete; what is still missing then the hub itself has lost.
    private static let attempts = 4

    /// What a backup came to.
    struct Outcome: Sendable {
        /// The name of the point.
        let point: String
        /// What belongs to it.
        let manifest: BackupManifest
        /// What had to be sent for it.
        let sent: BackupAmount
    }

    /// Makes a point.
    func run() async throws -> Outcome {
        let previous = try await place.lastManifest()
        var sent = BackupAmount()
        var (manifest, before) = (BackupManifest(version: "", takenAt: 0, schema: 0), [String]?.none)
        for _ in 0..<Self.attempts {
            var round = BackupRound(backup: self, previous: previous)
            manifest = try await round.run()
            sent.contents += round.sent.contents
            sent.bytes &+= round.sent.bytes
            if manifest.missing.isEmpty || manifest.missing == before { break }
            before = manifest.missing
        }
        let bytes = try manifest.bytes()
        let (key, isNew) = try await place.keep(bytes)
        if isNew { sent.add(Int64(bytes.count)) }
        let point = BackupPointName.name(of: Timestamp(microseconds: manifest.takenAt).description)
        guard try await place.points.read(point) == nil else {
            throw CommandFailure(.conflict, "there is a point \(point) already: another backup runs")
        }
        try await place.points.write(point, Array("\(key.hex) \(bytes.count)\n".utf8))
        return Outcome(point: point, manifest: manifest, sent: sent)
    }
}

extension BackupPlace {
    /// The manifest of a point.
    /// - Throws: `CommandFailure` when there is no such point or it is damaged.
    func manifest(of point: String) async throws -> BackupManifest {
        try BackupManifest.reading(try await read(try await manifestKey(of: point)))
    }

    /// The content that a point's manifest is.
    func manifestKey(of point: String) async throws -> ObjectKey {
        guard BackupPointName.isValid(point), let text = try await points.read(point) else {
            throw CommandFailure(
                .notFound,
                "there is no point \(Printable.text(point)); `granary backup list` shows them"
            )
        }
        guard
            let key = String(decoding: text, as: UTF8.self).split(separator: " ").first.flatMap({ ObjectKey(hex: $0) })
        else { throw CommandFailure(.failure, "the point \(point) is damaged") }
        return key
    }

    /// The manifest of the last point; nil without any, and when it is damaged: then everything is looked at anew.
    fileprivate func lastManifest() async throws -> BackupManifest? {
        guard let last = try await points.names().last else { return nil }
        return try? await manifest(of: last)
    }
}
