import Access
import Metadata

/// How much a repository may still take, by its own quota and by that of its namespace.
///
/// Uploads that were announced and have not come yet count as if they had.
struct LFSAllowance {
    private struct Bound {
        var subject: String
        var used: Int64
        var quota: Int64
    }

    private var bounds: [Bound] = []

    /// Whether anything is bounded; if not, nothing need be reserved.
    var isBounded: Bool { !bounds.isEmpty }

    /// Reads quotas, usage and reservations; usage and reservations only where there is a quota.
    init(of repository: RepositoryRecord, at now: Timestamp, in records: Records) throws {
        let usage = try records.lfsUsage(repositoryID: repository.id)
        if let quota = usage.quota {
            let reserved = try records.lfsReserved(repositoryID: repository.id, at: now)
            bounds.append(Bound(subject: "repository", used: Self.sum(usage.bytes, reserved), quota: quota))
        }
        if let quota = try records.lfsQuota(namespaceID: repository.namespaceID) {
            let used = try records.lfsUsage(namespaceID: repository.namespaceID).bytes
            let reserved = try records.lfsReserved(namespaceID: repository.namespaceID, at: now)
            let subject = "namespace \(repository.namespaceName)"
            bounds.append(Bound(subject: subject, used: Self.sum(used, reserved), quota: quota))
        }
    }

    /// Takes room for an object of which some may be reserved already.
    ///
    /// - Returns: nil when there was room, else a sentence with the numbers.
    mutating func take(_ size: Int64, beyond reserved: Int64? = nil) -> String? {
        let size = size - min(size, max(0, reserved ?? 0))
        guard size > 0 || reserved == nil else { return nil }
        for bound in bounds where Self.sum(bound.used, size) > bound.quota {
            return "The \(bound.subject) is over its quota for large files: \(bound.used) bytes are used or reserved, "
                + "\(size) more were asked for, \(bound.quota) are allowed."
        }
        for index in bounds.indices { bounds[index].used = Self.sum(bounds[index].used, size) }
        return nil
    }

    /// Two counts of bytes, held at the end of the range.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
