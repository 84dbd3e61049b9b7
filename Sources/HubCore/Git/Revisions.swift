import GitCore

/// Finds the commit that a person means by a text; libgit2's parser of revisions never sees what users write.
struct Revisions {
    let snapshot: RefSnapshot
    let reader: ObjectReader

    /// The commit behind a branch, tag, full ref name or full id; of the default branch for nil.
    ///
    /// - Throws: `HubError.notFound`.
    func commit(_ text: String?) throws -> ObjectID {
        guard let text else { return try peeled(snapshot.head?.oid, "The repository is empty.") }
        if let spelling = RefSpelling(Array(text.utf8)), let ref = snapshot.resolve(spelling) {
            return try peeled(ref.oid, Self.missing)
        }
        if let prefix = ObjectIDPrefix(hex: text) { return try commit(prefix) }
        if let imported = imported(text) { return try peeled(imported, Self.missing) }
        // An id is good only as long as a ref leads to it; where that is not certain, ids of refs' own values are.
        let oid = ObjectID(hex: text)
        let isTip = snapshot.refs.contains { $0.oid == oid || $0.peeled == oid }
        return try peeled(snapshot.everyObjectReachable || isTip ? oid : nil, Self.missing)
    }

    /// What was imported from a commit of another hub, by the id that it had there; no id of ours means anything else.
    private func imported(_ text: String) -> ObjectID? {
        guard let oid = ObjectID(hex: text), reader.packs.locate(oid) == nil,
            let name = try? RefName(validating: "refs/tags/\(CachedRepository.tag(text))".utf8)
        else { return nil }
        return snapshot.ref(named: name)?.oid
    }

    /// The one commit whose id begins so: trees and blobs do not make it ambiguous.
    private func commit(_ prefix: ObjectIDPrefix) throws -> ObjectID {
        let commits = try reader.packs.oids(withPrefix: prefix).filter { try reader.header(of: $0)?.type == .commit }
        guard commits.count == 1, let oid = commits.first else {
            throw HubError(.notFound, Self.missing, subject: .revision)
        }
        return try commit(oid.hex)
    }

    private static let missing = "There is no such revision."

    private func peeled(_ oid: ObjectID?, _ message: String) throws -> ObjectID {
        guard let oid, let target = try CommitTable(reader).peel(oid), target.type == .commit else {
            throw HubError(.notFound, message, subject: .revision)
        }
        return target.oid
    }
}
