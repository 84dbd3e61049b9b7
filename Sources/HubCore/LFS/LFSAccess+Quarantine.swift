package import Access
import LFS
import Logging
package import Metadata
import ObjectStore

extension LFSAccess {
    /// Sets the bytes aside that no repository has, if they are older than the grace period.
    ///
    /// - Parameter dropped: rows, as repository and object, that a dry run would have taken away.
    func collectBytes(
        _ plan: LFSCollectionPlan,
        at now: Timestamp,
        _ observer: LFSCollectionObserver,
        _ report: inout LFSCollectionReport,
        _ dropped: Set<String>
    ) async throws {
        let before = now.adding(seconds: -plan.graceSeconds).seconds
        var done = 0
        try await forEachStoredObject { page in
            done += page.count
            let oids = page.map(\.key.hex)
            let needed = try await database.read { records in
                let needed = try records.neededLFSObjects(among: oids)
                guard !dropped.isEmpty else { return needed }
                return try needed.filter { oid in
                    let owners = try records.repositories(withLFSObject: oid)
                    return owners.isEmpty || owners.contains { !dropped.contains($0.text + oid) }
                }
            }
            for object in page where object.modifiedAt < before && !needed.contains(object.key.hex) {
                try Task.checkCancellation()
                try observer.step(.bytes(object))
                if !plan.isDryRun {
                    guard try await setAside(object.key, size: object.size, at: now) else { continue }
                }
                report.quarantined.objects += 1
                report.quarantined.bytes += object.size
            }
            observer.progress(.objects(done: done))
        }
    }

    /// All published objects, page after page.
    func forEachStoredObject(_ body: ([StoredObject]) async throws -> Void) async throws {
        var last: ObjectKey?
        while true {
            try Task.checkCancellation()
            let after = last
            let page = try await withStore { try await store.list(after: after, limit: Records.largestPage) }
            guard !page.isEmpty else { return }
            try await body(page)
            last = page.last?.key
        }
    }

    /// Moves an object's bytes out of sight, unless a repository has it: the note comes first, then the bytes go, then it is
    /// looked once more whether somebody has made a row.
    ///
    /// Whoever makes a row looks for the note. So of an upload that ends at the same time, at least one of the two sees the
    /// other and brings the bytes back.
    /// - Returns: whether they are out of sight.
    func setAside(_ oid: ObjectKey, size: Int64, at now: Timestamp) async throws -> Bool {
        let isCondemned = try await database.transaction { records in
            try records.condemnLFSObject(oid: oid.hex, size: size, at: now)
        }
        guard isCondemned else { return false }
        _ = try await withStore { try await store.quarantine(oid) }
        guard try await database.read({ try $0.neededLFSObjects(among: [oid.hex]).isEmpty }) else {
            // An upload came in between.
            try await acquit(oid)
            return false
        }
        return true
    }

    /// Brings an object's bytes back and takes the note away.
    private func acquit(_ oid: ObjectKey) async throws {
        try await bringBack(oid)
        try await database.transaction { try $0.acquitLFSObject(oid.hex) }
    }

    /// Brings back what is out of sight although some repository has it: a collection has been killed between moving the
    /// bytes and looking once more.
    func acquitNeeded() async throws {
        var last: String?
        while true {
            let after = last
            let page = try await database.read { records in
                try records.wronglyCondemnedLFSObjects(after: after, limit: Records.largestPage)
            }
            for oid in page {
                try Task.checkCancellation()
                if let key = ObjectKey(hex: oid) { try await acquit(key) }
            }
            guard page.count == Records.largestPage else { return }
            last = page.last
        }
    }

    /// Undoes what collections have taken away and not yet purged: bytes come back in sight, then rows to their
    /// repositories.
    ///
    /// - Returns: the rows that are back.
    /// - Throws: `HubError` unless the actor administers the hub.
    package func undoCollection(by actor: Actor) async throws -> LFSUsage {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        try await restoreBytes()
        let restored = try await restoreRows()
        try await database.transaction { records in
            let details: KeyValuePairs = ["rows": "\(restored.objects)", "rowBytes": "\(restored.bytes)"]
            try journal.audit("hub.lfs.collection.undone", "large files", by: actor, details, in: records)
        }
        return restored
    }

    private func restoreBytes() async throws {
        var last: String?
        while true {
            let after = last
            let page = try await database.read { try $0.condemnedLFSObjects(after: after, limit: 500).map(\.oid) }
            for oid in page {
                try Task.checkCancellation()
                if let key = ObjectKey(hex: oid) { try await acquit(key) }
            }
            guard let end = page.last else { return }
            last = end
        }
    }

    /// Rows come back as new ones, so that the next collection does not take them away at once.
    private func restoreRows() async throws -> LFSUsage {
        var restored = LFSUsage()
        var last: (repositoryID: RecordID, oid: String)?
        while true {
            let after = last
            let page = try await database.read { try $0.collectedLFSObjects(after: after, limit: 500) }
            var found: [LFSObjectRecord] = []
            for var row in page {
                try Task.checkCancellation()
                guard let key = ObjectKey(hex: row.oid) else { continue }
                guard try await withStore({ try await store.size(of: key) }) == row.size else { continue }
                row.createdAt = environment.now()
                found.append(row)
            }
            let rows = found
            let new = try await database.transaction { records in
                try rows.filter { try records.insertLFSObject($0) }
            }
            restored.objects += Int64(new.count)
            restored.bytes += new.reduce(0) { $0 + $1.size }
            guard let end = page.last else { return restored }
            last = (end.repositoryID, end.oid)
        }
    }
}
