import Access
import ArgumentParser
import HubCore
import Metadata

/// `granary fsck`.
struct FsckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Verify that repositories are whole: packs, objects, refs and the database's record of them.",
        discussion: """
            Reads every object; it changes nothing and may run while the server does.

            Example: granary fsck model/alice/bert dataset/alice/birds
            Exit codes: 1 when something is wrong, 3 when a named repository does not exist.
            """
    )

    @OptionGroup var common: CommonOptions
    @Argument(help: "TYPE/NS/NAME; without any, all repositories.", transform: Arguments.repository)
    var repositories: [RepositoryAddress] = []
    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
        let reports = try await common.withHub { hub in
            var reports: [FsckReport] = []
            for record in try await records(of: hub) {
                let report = FsckReport(
                    repository: record.address.description,
                    problems: try await hub.git.fsck(record)
                )
                if !json { Terminal.print(report.text) }
                reports.append(report)
            }
            return reports
        }
        if json { Terminal.print(try JSONOutput.text(reports)) }
        let damaged = reports.count { !$0.problems.isEmpty }
        Terminal.note("\(reports.count) repositories checked, \(damaged) with problems")
        guard damaged == 0 else { throw CommandFailure(.failure, "") }
    }

    private func records(of hub: Hub) async throws -> [RepositoryRecord] {
        guard !repositories.isEmpty else { return try await hub.everyRepository() }
        var records: [RepositoryRecord] = []
        for address in repositories {
            records.append(try await hub.repositories.resolve(address, action: .readRepository, by: .operator))
        }
        return records
    }
}

/// What was found in one repository.
private struct FsckReport: Encodable, Sendable {
    let repository: String
    let problems: [String]

    var text: String {
        guard !problems.isEmpty else { return "✓ \(repository)" }
        return (["✗ \(repository)"] + problems.map { "    \(Printable.text($0, limit: 4_096))" }).joined(
            separator: "\n"
        )
    }
}

extension Hub {
    /// All repositories of a listing, page after page, as the operator sees them.
    func everyRepository(_ listing: RepositoryListing = RepositoryListing()) async throws -> [RepositoryRecord] {
        var listing = listing
        var records: [RepositoryRecord] = []
        while true {
            let page = try await repositories.list(listing, by: .operator)
            records += page
            guard page.count == listing.limit, let last = page.last else { return records }
            listing.after = last.id
        }
    }
}
