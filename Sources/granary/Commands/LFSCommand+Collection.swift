import Access
import ArgumentParser
import HubCore
import Metadata
import ObjectStore

extension LFSCommand {
    /// `granary lfs gc`.
    struct Collect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gc",
            abstract: "Remove large files that no commit of any ref refers to.",
            discussion: """
                An object that nothing in a repository refers to is taken away from it once it is older than the grace \
                period; its bytes go into quarantine when no repository has it, and are deleted after some time \
                there. It may run while the server does.

                --dry-run prints what would be done, a line of JSON for each object, and changes nothing.

                Example: granary lfs gc --dry-run
                Example: granary lfs gc --grace 30d --keep 7d --manifest
                Example: granary lfs gc --undo
                Exit codes: 1 when a repository could not be looked through; what it has stays.
                """
        )

        @OptionGroup var common: CommonOptions
        @Flag(help: "Only print what would be done.")
        var dryRun = false
        @Flag(help: "Print each step as a line of JSON.")
        var manifest = false
        @Flag(help: "Bring back what earlier collections took away and is still in quarantine.")
        var undo = false
        @Flag(help: "Tell on standard error how far it is.")
        var progress = false
        @Option(help: "What is younger stays, such as 14d, 12h or 0.", transform: Self.duration)
        var grace: Int64 = LFSCollectionPlan().graceSeconds
        @Option(help: "How long it stays in quarantine, such as 14d, 12h or 0.", transform: Self.duration)
        var keep: Int64 = LFSCollectionPlan().quarantineSeconds
        @Option(help: "Chunks that no file needs stay so long after their last use.", transform: Self.duration)
        var chunkGrace: Int64 = LFSCollectionPlan().chunkGraceSeconds

        func validate() throws {
            guard !(undo && dryRun) else { throw ValidationError("--undo and --dry-run exclude each other.") }
        }

        func run() async throws {
            guard !undo else {
                let restored = try await common.withHub { try await $0.lfs.undoCollection(by: .operator) }
                return Terminal.note("\(restored.objects) objects (\(restored.bytes) bytes) are back")
            }
            var plan = LFSCollectionPlan()
            plan.isDryRun = dryRun
            plan.graceSeconds = grace
            plan.quarantineSeconds = keep
            plan.chunkGraceSeconds = chunkGrace
            let (printsSteps, tellsProgress, wanted) = (dryRun || manifest, progress, plan)
            let observer = LFSCollectionObserver(
                step: { if printsSteps { Terminal.print($0.json) } },
                progress: { if tellsProgress { Terminal.note(Self.text(of: $0)) } }
            )
            let report = try await common.withHub { hub in
                try await hub.lfs.collect(wanted, by: .operator, observer: observer)
            }
            try tell(report)
        }

        private func tell(_ report: LFSCollectionReport) throws {
            let verb = dryRun ? "would be" : "were"
            Terminal.note("\(report.repositories) repositories looked through")
            Terminal.note("\(report.rows.objects) objects (\(report.rows.bytes) bytes) \(verb) taken from repositories")
            Terminal.note("\(report.chunkedFiles) chunked files and \(report.xorbs) xorbs \(verb) forgotten")
            Terminal.note(
                "\(report.rewritten.objects) xorbs \(verb) written anew, \(report.rewritten.bytes) bytes smaller in all"
            )
            Terminal.note(
                "\(report.quarantined.objects) objects (\(report.quarantined.bytes) bytes) \(verb) put into quarantine"
            )
            if !dryRun { Terminal.note("\(report.purged) objects were deleted for good") }
            for reason in report.skipped { Terminal.note("skipped: \(Printable.text(reason))") }
            guard report.skipped.isEmpty else { throw CommandFailure(.failure, "") }
        }

        private static func text(of progress: LFSCollectionProgress) -> String {
            switch progress {
            case .repositories(let done): "\(done) repositories"
            case .objects(let done): "\(done) stored objects"
            }
        }

        @Sendable private static func duration(_ text: String) throws -> Int64 {
            text == "0" ? 0 : try Arguments.duration(text)
        }
    }

    /// `granary lfs fsck`.
    struct Fsck: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every large file again and compare it with its SHA-256.",
            discussion: """
                With --repair, a damaged object is set aside, and it and missing ones are taken away from the \
                repositories that have them: clients that still have the file then send it again.

                Example: granary lfs fsck --rate 100MiB
                Exit codes: 1 when something is damaged or missing.
                """
        )

        @OptionGroup var common: CommonOptions
        @Option(help: "Read no more bytes a second than this, such as 100MiB.", transform: Self.rate)
        var rate: Int64?
        @Flag(help: "Let clients send again what is damaged or missing.")
        var repair = false
        @Flag(help: "Print a JSON array of what is wrong.")
        var json = false

        func run() async throws {
            let report = try await common.withHub { hub in
                try await hub.lfs.fsck(bytesPerSecond: rate, repair: repair, by: .operator)
            }
            let rows = report.findings.map(FindingRow.init)
            if json { Terminal.print(try JSONOutput.text(rows)) } else { rows.forEach { Terminal.print($0.text) } }
            Terminal.note("\(report.objects) objects (\(report.bytes) bytes) read, \(rows.count) problems")
            guard rows.isEmpty else { throw CommandFailure(.failure, "") }
        }

        @Sendable private static func rate(_ text: String) throws -> Int64 {
            guard let bytes = ByteCount.parse(text), bytes > 0 else {
                throw Arguments.Refusal(description: "A rate is a number of bytes, such as 100MiB.")
            }
            return bytes
        }
    }
}

/// What is wrong with one object.
private struct FindingRow: Encodable, Sendable {
    let oid: String
    let problem: String
    let repositories: [String]

    init(_ finding: LFSFinding) {
        oid = finding.oid.hex
        problem = finding.problem.rawValue
        repositories = finding.repositories.map(\.description)
    }

    var text: String { "\(problem) \(oid) \(repositories.joined(separator: " "))" }
}
