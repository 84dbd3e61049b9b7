import Glibc

/// What one request or push may cost.
///
/// Every field is a count or a number of bytes.
///
/// The values of `standard` are listed with their reasons in `docs/LIMITS.md`.
package struct GitLimits: Sendable, Equatable {
    /// Commands in one push.
    package var commandsPerPush = 100_000
    /// Bytes of one incoming pack.
    package var packBytes: Int64 = 64 << 30
    /// Objects in one incoming pack.
    package var objectsPerPack = 20_000_000
    /// Inflated bytes of one object.
    package var objectBytes: Int64 = 2 << 30
    /// Inflated bytes of a commit, tree or tag, which are parsed whole.
    package var structuredObjectBytes = 64 << 20
    /// Inflated bytes of all objects of a push may exceed the pack this many times, beyond `expansionFree`.
    package var expansionRatio: Int64 = 1_000
    /// Inflated bytes that no ratio is applied to.
    package var expansionFree: Int64 = 64 << 20
    /// Entries, parents, messages and names inside one object.
    package var objectParts = ObjectLimits.standard
    /// Objects up to this size are held in memory; larger ones stream through temporary files.
    package var objectBytesInMemory = 16 << 20
    /// Links in one chain of deltas.
    package var deltaDepth = 4_096
    /// Threads that rebuild the deltas of one large pack.
    package var deltaThreads = max(1, min(4, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    /// Deltas of a pack for which one more of these threads pays.
    package var deltasPerThread = 256
    /// Trees inside trees.
    package var treeDepth = 4_096
    /// Bytes of a path from a root tree.
    package var pathBytes = 4_096
    /// `want` lines in one request.
    package var wants = 100_000
    /// `have` lines in one request.
    package var haves = 1_000_000
    /// Commits that a client may lack before bitmaps are asked instead of walking from commit to commit.
    package var commitsWithoutBitmaps = 1_000
    /// `shallow` lines in one request.
    package var shallows = 1_000_000
    /// `ref-prefix` lines in one request; beyond it the filter is dropped.
    package var refPrefixes = 65_536
    /// Bytes of one upload-pack request after inflation.
    package var uploadRequestBytes = 32 << 20
    /// `push-option` lines in one push.
    package var pushOptions = 64
    /// Bytes of one push option.
    package var pushOptionBytes = 4_096
    /// `server-option` lines in one request.
    package var serverOptions = 32
    /// Bytes of one server option.
    package var serverOptionBytes = 256
    /// Refs of one repository.
    package var refs = 1_000_000
    /// Seconds that one push may take from its first byte to its report, of the server's own work.
    package var pushSeconds = 3_600

    /// The defaults.
    package static let standard = GitLimits()
}
