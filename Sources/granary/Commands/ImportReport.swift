import GitCore
import HubCore
import Synchronization

/// What an import tells at its end.
struct ImportReport: Sendable {
    /// One line.
    let summary: String
    /// What was left out, and why.
    let problems: [ImportProblem]

    private static let shown = 100

    /// The report of an import that was made.
    init(_ outcome: Imports.Outcome, for name: some CustomStringConvertible) {
        let commit = outcome.commit.map { ", now at \($0.hex)" } ?? ""
        summary = "\(name): \(outcome.files) files\(commit)"
        problems = outcome.problems
    }

    /// The report of an import that is only thought of.
    init(planned plan: ImportPlan, for name: some CustomStringConvertible) {
        let (counts, bytes) = (plan.counts, plan.bytes)
        summary = """
            \(name): \(counts.large) large files of \(bytes.large) bytes and \(counts.regular) files of \(bytes.regular) bytes \
            would be imported
            """
        problems = plan.problems
    }

    /// The summary to standard output, problems to standard error.
    func print() {
        for problem in problems.prefix(Self.shown) {
            Terminal.note("left out: \(Printable.text(problem.path)): \(Printable.text(problem.reason))")
        }
        if problems.count > Self.shown { Terminal.note("and \(problems.count - Self.shown) others were left out") }
        Terminal.print(summary)
    }
}

/// Tells on standard error how far an import is, now and then.
final class ImportProgress: Sendable {
    private let total: Int64?
    private let done = Mutex<(bytes: Int64, told: Int64)>((0, 0))

    /// Bytes between two lines.
    private static let step: Int64 = 1 << 30

    /// - Parameter total: bytes that are going to be read; nil when nobody has counted them.
    init(of total: Int64?) {
        self.total = total
    }

    /// Counts bytes that were read.
    @Sendable func add(_ count: Int) {
        let bytes = done.withLock { done -> Int64? in
            done.bytes += Int64(count)
            guard done.bytes - done.told >= Self.step else { return nil }
            done.told = done.bytes
            return done.bytes
        }
        guard let bytes else { return }
        Terminal.note("\(bytes >> 20) MiB\(total.map { " of \($0 >> 20) MiB" } ?? "") of large files read")
    }
}
