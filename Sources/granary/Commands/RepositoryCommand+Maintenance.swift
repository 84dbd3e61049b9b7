import Access
import ArgumentParser
import GitCore
import HubCore
import Metadata

extension RepositoryCommand {
    /// `granary repo maintain`.
    struct Maintain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Join a repository's packs, and write its bitmaps and commit-graph.",
            discussion: """
                The server does this by itself after pushes; it may run meanwhile. With --full all packs become one, \
                objects that no ref leads to are put aside, and those that were put aside longer ago than --grace are \
                dropped. A push that takes longer than that may build on what is dropped.

                Example: granary repo maintain model/alice/bert --full
                Example: granary repo maintain model/alice/bert --full --grace 2d
                Exit codes: 3 when a named repository does not exist.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "TYPE/NS/NAME; without any, all repositories.", transform: Arguments.repository)
        var repositories: [RepositoryAddress] = []
        @Flag(help: "Join all packs, and put aside or drop what no ref leads to.")
        var full = false
        @Option(
            help: "How long what no ref leads to is kept, such as 12h or 30d; 14d unless told.",
            transform: Arguments.duration
        )
        var grace: Int64?
        @Flag(help: "Print a JSON array.")
        var json = false

        func validate() throws {
            guard full || grace == nil else { throw ValidationError("--grace is about objects that --full drops.") }
        }

        func run() async throws {
            let reports = try await common.withHub { hub in
                var reports: [Report] = []
                for record in try await records(of: hub) {
                    let report = Report(
                        record.address,
                        try await hub.git.maintain(record, isFull: full, grace: grace, isGentle: false)
                    )
                    if !json { Terminal.print(report.text) }
                    reports.append(report)
                }
                return reports
            }
            if json { Terminal.print(try JSONOutput.text(reports)) }
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

    /// What was done to one repository.
    private struct Report: Encodable, Sendable {
        let repository: String
        let packsBefore: Int
        let packsAfter: Int
        let objectsWritten: Int
        let bytesWritten: Int64
        let commitsWithBitmap: Int
        let commitsInGraph: Int
        let objectsPutAside: Int
        let objectsDropped: Int
        let packsRemoved: Int

        init(_ address: RepositoryAddress, _ report: MaintenanceReport) {
            repository = address.description
            packsBefore = report.packsBefore
            packsAfter = report.packsAfter
            objectsWritten = report.objectsWritten
            bytesWritten = report.bytesWritten
            commitsWithBitmap = report.commitsWithBitmap
            commitsInGraph = report.commitsInGraph
            objectsPutAside = report.objectsPutAside
            objectsDropped = report.objectsDropped
            packsRemoved = report.packsRemoved
        }

        var text: String {
            "\(repository): \(packsBefore) → \(packsAfter) packs, \(objectsWritten) objects (\(bytesWritten) bytes) written, "
                + "bitmaps for \(commitsWithBitmap) commits, \(commitsInGraph) commits in the graph, "
                + "\(objectsPutAside) objects put aside, \(objectsDropped) dropped, \(packsRemoved) old packs removed"
        }
    }
}
