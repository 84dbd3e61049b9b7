import CLibgit2

/// One commit of a log.
package struct CommitSummary: Sendable, Equatable {
    package var oid: ObjectID
    package var parents: [ObjectID]
    /// Name and e-mail of the author, repaired where they are not UTF-8.
    package var author: String
    package var email: String
    /// Seconds since 1970 of the author.
    package var time: Int64
    /// The whole message, repaired where it is not UTF-8.
    package var message: String

    /// The message's first line.
    package var subject: String { String(message.split(separator: "\n", maxSplits: 1).first ?? "") }
}

extension Libgit2Repository {
    /// A stretch of the history of a commit, youngest first with children before parents, and how long all of it is.
    package func log(from oid: ObjectID, skip: Int = 0, limit: Int) throws -> (commits: [CommitSummary], total: Int) {
        let log = try CommitLog(from: oid, skip: skip, limit: limit, reader)
        return (try log.commits.map { try commit($0) }, log.total)
    }

    /// One commit.
    package func commit(_ oid: ObjectID) throws(Libgit2Error) -> CommitSummary {
        let commit = try Libgit2Object(oid, GIT_OBJECT_COMMIT, in: self)
        let parents = (0..<git_commit_parentcount(commit.pointer)).compactMap { index in
            git_commit_parent_id(commit.pointer, index).map { ObjectID($0.pointee) }
        }
        let author = git_commit_author(commit.pointer)?.pointee
        return CommitSummary(
            oid: oid,
            parents: parents,
            author: author.flatMap { $0.name.map { String(cString: $0) } } ?? "",
            email: author.flatMap { $0.email.map { String(cString: $0) } } ?? "",
            time: author?.when.time ?? 0,
            message: git_commit_message(commit.pointer).map { String(cString: $0) } ?? ""
        )
    }

    /// The best common ancestor of two commits; nil when their histories never meet.
    package func mergeBase(_ one: ObjectID, _ other: ObjectID) throws(Libgit2Error) -> ObjectID? {
        var base = git_oid()
        var (left, right) = (one.libgit2, other.libgit2)
        let code = git_merge_base(&base, pointer, &left, &right)
        if code == GIT_ENOTFOUND.rawValue { return nil }
        try Libgit2.check(code, while: "looking for the merge base of \(one) and \(other)")
        return ObjectID(base)
    }
}
