import Glibc
import Synchronization

/// The published packs of one repository: `<repository>/objects/pack`.
///
/// Packs appear by rename and are never changed. Other processes publish too (the command line beside a running
/// server), so each look compares the directory's modification time; that is one system call.
package final class PackDirectory: Sendable {
    /// The directory that holds the `.pack` files.
    package let path: String

    private struct State {
        var set = PackSet([])
        var modified: Int64?
        /// When the commit-graph was written that the set has.
        var graphModified: Int64?
    }

    package let files: PackFileCache
    private let state = Mutex(State())

    /// Beside a pack of objects that nothing leads to; its time says since when.
    static let putAsideEnding = ".unreachable"

    /// Clocks of file systems advance in steps: a directory changed this recently may change again unnoticed.
    private static let racyNanoseconds: Int64 = 100_000_000

    package init(path: String, files: PackFileCache) {
        self.files = files
        self.path = path
    }

    /// Where the commits of all packs are written down.
    package var graphPath: String { path + "/../info/commit-graph" }

    /// The packs at this moment.
    ///
    /// One that is damaged is an error, so that no fetch silently sees half a repository.
    package func current() throws -> PackSet {
        try state.withLock { state in
            let modified = Directories.modificationTime(path)
            let graphModified = Directories.modificationTime(graphPath)
            if graphModified != state.graphModified {
                state.graphModified = graphModified
                // It only makes walks cheaper: a damaged one is none.
                let graph = graphModified == nil ? nil : try? CommitGraph(path: graphPath)
                state.set = PackSet(state.set.packs, graph: graph)
            }
            if let modified, modified == state.modified { return state.set }
            state.set = try scan(known: state.set)
            let isRacy = modified.map { Self.now() - $0 < Self.racyNanoseconds } ?? true
            state.modified = isRacy ? nil : modified
            return state.set
        }
    }

    /// More changes than can come while packs are listed and opened.
    private static let attempts = 64

    /// The packs of a moment in which nothing came or went: a listing may have missed a pack that came and those that left
    /// for it.
    private func scan(known: PackSet) throws -> PackSet {
        var latest: PackSet?
        for _ in 0..<Self.attempts {
            let modified = Directories.modificationTime(path)
            guard let set = try scanOnce(known: known) else { continue }
            if Directories.modificationTime(path) == modified { return set }
            latest = set
        }
        guard let latest else { throw PackError.malformed("the packs in \(path) change all the time") }
        return latest
    }

    /// Lists and opens the packs; nil when one has gone in between, as its objects are in a pack that came since.
    private func scanOnce(known: PackSet) throws -> PackSet? {
        let open = Dictionary(known.packs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var packs: [Pack] = []
        for name in try Directories.names(in: path) where name.hasPrefix("pack-") && name.hasSuffix(".idx") {
            let base = String(name.dropLast(4))
            if let pack = open[base] {
                pack.lookForBitmapAgain()
                packs.append(pack)
                continue
            }
            do {
                packs.append(try Pack(directory: path, name: base, files: files))
            } catch let error as FileError where error.code == ENOENT {
                let (index, pack) = ("\(path)/\(name)", "\(path)/\(base).pack")
                guard Directories.modificationTime(index) != nil, Directories.modificationTime(pack) == nil else {
                    return nil
                }
                // An index without its pack is what a crash has left of a pack that nobody was told of.
            }
        }
        // The oldest copy of an object is the one that is read: nobody can put another in front of it by pushing it again.
        packs.sort { ($0.written, $0.name) < ($1.written, $1.name) }
        return PackSet(packs, graph: known.graph)
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
