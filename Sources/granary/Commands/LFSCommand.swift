import Access
import ArgumentParser
import HubCore
import Metadata
import ObjectStore

/// `granary lfs`.
struct LFSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lfs",
        abstract: "Manage large files: usage, quotas, garbage, damage.",
        subcommands: [Usage.self, Quota.self, Collect.self, Fsck.self, Delete.self]
    )

    /// `granary lfs usage`.
    struct Usage: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how much large-file content each repository has, and how much is stored in all.",
            discussion: "Example: granary lfs usage --json"
        )

        @OptionGroup var common: CommonOptions
        @Flag(help: "Print a JSON object.")
        var json = false

        func run() async throws {
            let report = try await common.withHub { try await $0.lfs.usage(by: .operator) }
            guard !json else { return Terminal.print(try JSONOutput.text(LFSUsageRows(report))) }
            var table = TextTable(["REPOSITORY", "OBJECTS", "BYTES", "STORED", "QUOTA"])
            for row in report.repositories {
                table.add([
                    row.address.description, "\(row.usage.objects)", "\(row.usage.bytes)", "\(row.stored)",
                    row.usage.quota.map { "\($0)" } ?? "none",
                ])
            }
            table.add(["all repositories", "\(report.logical.objects)", "\(report.logical.bytes)"])
            table.add(["stored", "\(report.physical.objects)", "\(report.physical.bytes)"])
            Terminal.print(table.text)
            if let ratio = report.ratio { Terminal.print("Each stored byte serves \(ratio) bytes.") }
        }
    }

    /// `granary lfs quota`.
    struct Quota: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or set the most bytes of large files that a repository or a namespace may have.",
            discussion: """
                A number of bytes, also with KiB, MiB, GiB or TiB, or none. Without one the quota is shown.

                Example: granary lfs quota model/alice/bert 50GiB
                Example: granary lfs quota --namespace alice none
                Exit codes: 3 when there is no such repository or namespace.
                """
        )

        @OptionGroup var common: CommonOptions
        @Option(help: "The user or organisation; instead of a repository.")
        var namespace: String?
        @Argument(help: "TYPE/NS/NAME and BYTES; with --namespace only BYTES.")
        var words: [String] = []

        func validate() throws {
            guard words.count <= (namespace == nil ? 2 : 1), namespace != nil || !words.isEmpty else {
                throw ValidationError("Give a repository or --namespace, and at most one quota.")
            }
        }

        func run() async throws {
            let bytes = words.count > (namespace == nil ? 1 : 0) ? words.last : nil
            let quota = try bytes.map(Self.quota)
            let usage = try await common.withHub { hub in
                if let namespace {
                    if let quota {
                        try await hub.lfs.setQuota(ofNamespace: namespace, bytes: quota.bytes, by: .operator)
                    }
                    return try await hub.lfs.usage(ofNamespace: namespace, by: .operator)
                }
                let address = try Arguments.repository(words[0])
                if let quota { try await hub.lfs.setQuota(of: address, bytes: quota.bytes, by: .operator) }
                return try await hub.lfs.usage(of: address, by: .operator)
            }
            Terminal.print("quota \(usage.quota.map(ByteCount.text) ?? "none"), used \(usage.bytes)")
        }

        /// Bytes, or nil to lift the bound.
        private struct Amount {
            let bytes: Int64?
        }

        private static func quota(_ text: String) throws -> Amount {
            if text == "none" { return Amount(bytes: nil) }
            guard let bytes = ByteCount.parse(text) else {
                throw CommandFailure(.usage, "a quota is a number of bytes such as 1500 or 64GiB, or none")
            }
            return Amount(bytes: bytes)
        }
    }

    /// `granary lfs delete`.
    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take one object away from a repository, or from all.",
            discussion: """
                Clients are told that an administrator removed it; whoever has the file may send it again. The bytes \
                stay in quarantine until `granary lfs gc` deletes them; `granary lfs gc --undo` does not bring the \
                object back.

                Example: granary lfs delete 4d7a2146… --repository model/alice/bert
                Exit codes: 2 for what is no object id, 3 when no such repository has it.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The SHA-256 of the file, 64 lower-case hexadecimal digits.")
        var oid: String
        @Option(help: "Only in this repository.", transform: Arguments.repository)
        var repository: RepositoryAddress?

        func run() async throws {
            guard let key = ObjectKey(hex: oid) else {
                throw CommandFailure(.usage, "an object id has 64 lower-case hexadecimal digits")
            }
            let owners = try await common.withHub { hub in
                try await hub.lfs.delete(key, from: repository, by: .operator)
            }
            for owner in owners { Terminal.note("removed from \(owner)") }
        }
    }
}

/// `granary storage`: the same as `granary lfs usage`, where people look for it.
struct StorageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "Show how many bytes of large files each repository has, and how many they take.",
        discussion: """
            BYTES are those of the files, STORED what they take in the object store: chunks that files share count once.

            Example: granary storage --json
            """
    )

    @OptionGroup var usage: LFSCommand.Usage

    func run() async throws { try await usage.run() }
}

extension LFSUsageReport {
    /// Bytes of files for each byte that is stored, with two digits; nil when nothing is stored.
    fileprivate var ratio: String? {
        guard physical.bytes > 0 else { return nil }
        let hundredths = Int64((Double(logical.bytes) / Double(physical.bytes) * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

/// `granary lfs usage --json`.
private struct LFSUsageRows: Encodable, Sendable {
    struct Amount: Encodable, Sendable {
        let objects: Int64
        let bytes: Int64
    }

    struct Repository: Encodable, Sendable {
        let repository: String
        let objects: Int64
        let bytes: Int64
        let stored: Int64
        let quota: Int64?
    }

    let repositories: [Repository]
    let logical: Amount
    let physical: Amount

    init(_ report: LFSUsageReport) {
        repositories = report.repositories.map {
            Repository(
                repository: $0.address.description,
                objects: $0.usage.objects,
                bytes: $0.usage.bytes,
                stored: $0.stored,
                quota: $0.usage.quota
            )
        }
        logical = Amount(objects: report.logical.objects, bytes: report.logical.bytes)
        physical = Amount(objects: report.physical.objects, bytes: report.physical.bytes)
    }
}
