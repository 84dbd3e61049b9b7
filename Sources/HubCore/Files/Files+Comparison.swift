package import Access
import GitCore

/// What is asked about two revisions.
package struct Comparison: Sendable {
    /// What is told about the files that differ.
    package enum Form: Sendable {
        /// What `git diff` writes.
        case patch
        /// What `git diff --raw` writes: modes and ids.
        case raw
    }

    let old: String
    let new: String
    let sinceMergeBase: Bool

    /// Reads `OLD..NEW`, or `OLD...NEW` for what is new since both parted; no name of a ref has two dots.
    ///
    /// - Throws: `HubError.invalid`.
    /// - Source: gitrevisions(7).
    package init(_ text: String) throws {
        guard let dots = text.firstRange(of: "..") else { throw Self.malformed }
        old = String(text[..<dots.lowerBound])
        let rest = text[dots.upperBound...]
        sinceMergeBase = rest.hasPrefix(".")
        new = String(sinceMergeBase ? rest.dropFirst() : rest)
        guard !old.isEmpty, !new.isEmpty else { throw Self.malformed }
    }

    private static let malformed = HubError.invalid("A comparison is written OLD..NEW or OLD...NEW.")
}

extension Files {
    /// Larger files are told as binary ones.
    private static let comparisonLimits = PatchLimits(files: 1_000, fileBytes: 1 << 20, bytes: 8 << 20)

    /// How the files of two revisions differ, as text for people and for `git apply`.
    ///
    /// Without a common commit `OLD...NEW` compares with nothing. What goes beyond 1,000 files, 8 MiB or 5 seconds is left
    /// out, and a last line says so; of revisions that differ in more than 100,000 entries nothing else is told.
    /// - Throws: `HubError.notFound` about the revision.
    package func compare(
        _ address: RepositoryAddress,
        _ comparison: Comparison,
        as form: Comparison.Form,
        by actor: Actor
    ) async throws -> String {
        let scene = try await scene(address, .readContent, by: actor)
        return try await git.onExecutor {
            let reader = try ObjectReader(scene.repository.files.packs.current())
            let revisions = Revisions(snapshot: scene.refs, reader: reader)
            let (old, new) = (try revisions.commit(comparison.old), try revisions.commit(comparison.new))
            let libgit2 = try Libgit2Repository(reader)
            let start = comparison.sinceMergeBase ? try libgit2.mergeBase(old, new) : old
            return switch form {
            case .patch: try libgit2.patch(from: start, to: new, Self.comparisonLimits)
            case .raw: try libgit2.rawChanges(from: start, to: new, Self.comparisonLimits)
            }
        }
    }
}
