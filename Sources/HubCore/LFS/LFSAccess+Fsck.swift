package import Access
import LFS
import Logging
import Metadata
import NIOCore
package import ObjectStore
import OpenSSLKit

/// What is wrong with one stored object.
package struct LFSFinding: Sendable, Equatable {
    /// The kinds of damage.
    package enum Problem: String, Sendable {
        /// The bytes have another SHA-256 or another number.
        case damaged
        /// Some repository has the object, and the bytes are not there.
        case missing
    }

    /// The object.
    package var oid: ObjectKey
    /// What is wrong.
    package var problem: Problem
    /// The repositories that have it.
    package var repositories: [RepositoryAddress]
}

/// What a check of all objects amounted to.
package struct LFSCheckReport: Sendable, Equatable {
    /// Objects that were read.
    package var objects = 0
    /// Bytes that were read.
    package var bytes: Int64 = 0
    /// What is wrong.
    package var findings: [LFSFinding] = []
}

extension LFSAccess {
    /// Reads every object again and compares it with its name, and looks for rows without bytes.
    ///
    /// - Parameters:
    ///   - bytesPerSecond: no faster than this on average; nil for as fast as it goes.
    ///   - repair: whether a damaged object is set aside and taken away from its repositories, so that clients are told
    ///     that it is missing and send it again; a missing one likewise.
    ///   - progress: told the bytes that were read, now and then.
    /// - Throws: `HubError` unless the actor administers the hub.
    package func fsck(
        bytesPerSecond: Int64?,
        repair: Bool,
        by actor: Actor,
        progress: @Sendable (Int64) -> Void = { _ in }
    ) async throws -> LFSCheckReport {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        var report = LFSCheckReport()
        var pace = Pace(bytesPerSecond: bytesPerSecond)
        try await forEachStoredObject { page in
            for object in page {
                let isIntact = try await isIntact(object, &pace)
                report.objects += 1
                report.bytes += object.size
                progress(report.bytes)
                if !isIntact {
                    report.findings.append(try await found(.damaged, object.key, repair: repair, by: actor))
                }
            }
        }
        try await findMissing(
            { after in try await database.read { try $0.lfsObjects(after: after, limit: 500).map(\.oid) } },
            repair: repair,
            by: actor,
            into: &report
        )
        // The files that are made of xorbs have rows, and a size, all the same.
        try await findMissing(
            { after in try await database.read { try $0.xorbObjects(after: after, limit: 500) } },
            repair: repair,
            by: actor,
            into: &report
        )
        return report
    }

    private func isIntact(_ object: StoredObject, _ pace: inout Pace) async throws -> Bool {
        guard let reading = try await withStore({ try await store.read(object.key, range: nil) }) else {
            // Deleted or set aside since it was listed; whether somebody misses it is looked at afterwards.
            return true
        }
        let digest = try SHA256Stream()
        var count: Int64 = 0
        do {
            for try await buffer in reading.bytes {
                try buffer.withUnsafeReadableBytes { try digest.update($0) }
                count += Int64(buffer.readableBytes)
                try await pace.wait(for: Int64(buffer.readableBytes))
            }
        } catch ObjectStoreError.damaged {
            return false
        } catch let error as ObjectStoreError {
            throw LFSFailure(error, logger)
        }
        return try count == reading.size && digest.finalize() == object.key.bytes
    }

    /// Looks for objects without bytes, among those that a page of the database names after another.
    private func findMissing(
        _ page: (String) async throws -> [String],
        repair: Bool,
        by actor: Actor,
        into report: inout LFSCheckReport
    ) async throws {
        let known = Set(report.findings.map(\.oid))
        var last = ""
        while true {
            let oids = try await page(last)
            for oid in oids {
                try Task.checkCancellation()
                guard let key = ObjectKey(hex: oid), !known.contains(key) else { continue }
                try await bringBack(key)
                guard try await withStore({ try await store.size(of: key) }) == nil else { continue }
                report.findings.append(try await found(.missing, key, repair: repair, by: actor))
            }
            guard let end = oids.last else { return }
            last = end
        }
    }

    private func found(
        _ problem: LFSFinding.Problem,
        _ oid: ObjectKey,
        repair: Bool,
        by actor: Actor
    ) async throws -> LFSFinding {
        let now = environment.now()
        let addresses = try await database.transaction { records in
            // With a xorb, the files that are made of it are lost.
            var addresses: Set<RepositoryAddress> = []
            for lost in try [oid.hex] + records.xetFiles(madeOf: oid.hex) {
                let owners = try records.repositories(withLFSObject: lost).compactMap { try records.repository(id: $0) }
                addresses.formUnion(owners.map(\.address))
                guard repair else { continue }
                for owner in owners {
                    try records.forgetLFSObject(repositoryID: owner.id, oid: lost)
                    let details: KeyValuePairs = ["oid": lost, "problem": problem.rawValue]
                    try journal.record("repository.lfs.lost", owner, by: actor, details, in: records)
                }
            }
            // Or clients would be told that it is here.
            if repair { try records.forgetXorbs(ofObject: oid.hex) }
            return addresses.sorted { $0.description < $1.description }
        }
        if repair, problem == .damaged { _ = try await setAside(oid, size: 0, at: now) }
        logger.error("a large file is damaged or missing", metadata: ["oid": "\(oid)", "problem": "\(problem)"])
        return LFSFinding(oid: oid, problem: problem, repositories: addresses)
    }
}

/// Holds a reader to an average rate.
private struct Pace {
    private let bytesPerSecond: Int64?
    private let start = monotonicNanoseconds()
    private var total: Int64 = 0

    init(bytesPerSecond: Int64?) {
        self.bytesPerSecond = bytesPerSecond.map { max(1, $0) }
    }

    mutating func wait(for count: Int64) async throws {
        guard let bytesPerSecond else { return try Task.checkCancellation() }
        total += count
        let due = Double(total) / Double(bytesPerSecond)
        let spent = Double(monotonicNanoseconds() - start) / 1e9
        guard due > spent + 0.01 else { return }
        try await Task.sleep(for: .seconds(min(due - spent, 3_600)))
    }
}
