import Access
import ArgumentParser
import FoundationEssentials
import GitCore
import HubCore
import Metadata

extension RepositoryCommand {
    /// `granary repo log`.
    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the commits of a revision, youngest first.",
            discussion: """
                Example: granary repo log model/alice/bert v1.0 --limit 5
                Exit codes: 3 when there is no such repository or revision.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Argument(help: "Branch, tag or full commit id; the default branch if left out.")
        var revision: String?
        @Option(help: "At most so many commits.")
        var limit = 20
        @Flag(help: "Print a JSON array.")
        var json = false

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is 1 through 10000.") }
        }

        func run() async throws {
            let commits = try await common.withHub { hub in
                try await hub.git.log(address, revision: revision, limit: limit, by: .operator)
            }
            guard !json else { return Terminal.print(try JSONOutput.text(commits.map(CommitRow.init))) }
            var table = TextTable(["COMMIT", "DATE", "AUTHOR", "SUBJECT"])
            for commit in commits {
                let row = CommitRow(commit)
                table.add([String(row.oid.prefix(10)), row.date, row.author, Printable.text(commit.subject)])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary repo files`.
    struct Files: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List a directory of a revision.",
            discussion: """
                Example: granary repo files model/alice/bert onnx --revision main
                Exit codes: 3 when there is no such repository, revision or directory.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Argument(help: "The directory; the root if left out.")
        var path = ""
        @Option(help: "Branch, tag or full commit id; the default branch if left out.")
        var revision: String?
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let entries = try await common.withHub { hub in
                try await hub.git.directory(address, revision: revision, path: path, by: .operator)
            }
            guard !json else { return Terminal.print(try JSONOutput.text(entries.map(FileRow.init))) }
            var table = TextTable(["MODE", "SIZE", "NAME"])
            for row in entries.map(FileRow.init) {
                table.add([row.mode, row.size.map { "\($0)" } ?? "-", Printable.text(row.name)])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary repo cat`.
    struct Cat: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a file of a revision to standard output, as it is stored.",
            discussion: """
                Example: granary repo cat model/alice/bert config.json > config.json
                Exit codes: 3 when there is no such repository, revision or file.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Argument(help: "The file.")
        var path: String
        @Option(help: "Branch, tag or full commit id; the default branch if left out.")
        var revision: String?

        /// Bytes that are held in memory on the way.
        private static let limit = 1 << 30

        func run() async throws {
            let content = try await common.withHub { hub in
                try await hub.git.file(address, revision: revision, path: path, limit: Self.limit, by: .operator)
            }
            Terminal.print(bytes: content)
        }
    }

    /// `granary repo diff`.
    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the files that a revision changed since it left another.",
            discussion: """
                Example: granary repo diff model/alice/bert main feature
                Exit codes: 3 when there is no such repository or revision.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Argument(help: "The revision to compare with.")
        var from: String
        @Argument(help: "The revision whose changes are listed.")
        var to: String
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let changes = try await common.withHub { hub in
                try await hub.git.changes(address, from: from, to: to, limit: 10_000, by: .operator)
            }
            guard !json else { return Terminal.print(try JSONOutput.text(changes.map(ChangeRow.init))) }
            for change in changes {
                let names = change.oldPath == change.path ? [change.path] : [change.oldPath, change.path]
                Terminal.print(([change.kind.rawValue] + names.map { Printable.text($0) }).joined(separator: "\t"))
            }
        }
    }
}

/// A commit as `--json` shows it.
private struct CommitRow: Encodable {
    let oid: String
    let parents: [String]
    let author: String
    let email: String
    let date: String
    let message: String

    init(_ commit: CommitSummary) {
        oid = commit.oid.hex
        parents = commit.parents.map(\.hex)
        author = Printable.text(commit.author)
        email = Printable.text(commit.email)
        // Dates that a calendar cannot hold are in the repository's history, and no reason to fail.
        let seconds = min(max(commit.time, -62_135_596_800), 253_402_300_799)
        date = Timestamp(microseconds: seconds * 1_000_000).description
        message = commit.message
    }
}

/// A directory's entry as `--json` shows it.
private struct FileRow: Encodable {
    let mode: String
    let oid: String
    let size: Int64?
    let name: String

    init(_ entry: DirectoryEntry) {
        let digits = String(entry.mode, radix: 8)
        mode = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        oid = entry.oid.hex
        size = entry.size
        name = String(decoding: entry.name, as: UTF8.self)
    }
}

/// A changed file as `--json` shows it.
private struct ChangeRow: Encodable {
    let status: String
    let oldPath: String
    let path: String

    init(_ change: FileChange) {
        status = change.kind.rawValue
        oldPath = change.oldPath
        path = change.path
    }
}
