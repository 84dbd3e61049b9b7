import Access
import ArgumentParser
import HubCore
import Metadata

/// `granary repo`.
struct RepositoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repo",
        abstract: "Manage repositories.",
        discussion: """
            A repository is written TYPE/NS/NAME; the types are model, dataset, space, code, mcp and skill. NS/NAME alone \
            is a model.
            """,
        subcommands: [
            Create.self, List.self, Show.self, Set.self, Rename.self, Delete.self, Grant.self, Protect.self,
            Unprotect.self, Maintain.self, Log.self, Files.self, Cat.self, Diff.self,
        ]
    )

    /// `granary repo create`.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a repository, and print the path that follows the server's URL in its clone URL.",
            discussion: """
                Example: granary repo create dataset/alice/birds --public --init
                Exit codes: 2 for a name that is not allowed, 3 when there is no such namespace, 4 when the name is taken.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Flag(name: .customLong("private"), help: "Only those with a role may see it; the default.")
        var isPrivate = false
        @Flag(name: .customLong("public"), help: "Everybody may read it.")
        var isPublic = false
        @Flag(name: .customLong("init"), help: "Make a first commit; without it the repository is empty.")
        var initialize = false

        func validate() throws {
            guard !(isPrivate && isPublic) else { throw ValidationError("--private and --public exclude each other.") }
        }

        func run() async throws {
            let new = NewRepository(
                address: address,
                visibility: isPublic ? .public : .private,
                initialize: initialize
            )
            let record = try await common.withHub { hub in try await hub.repositories.create(new, by: .operator) }
            Terminal.note("\(record.visibility.rawValue) repository \(record.address) created")
            Terminal.print(record.address.gitPath)
        }
    }

    /// `granary repo list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List repositories.",
            discussion: "Example: granary repo list alice --type dataset --json"
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "Only those of this user or organisation.")
        var namespace: String?
        @Option(help: "Only those of this type.", transform: Arguments.repositoryType)
        var type: RepositoryType?
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let listing = RepositoryListing(namespace: namespace, type: type)
            let records = try await common.withHub { hub in try await hub.everyRepository(listing) }
            guard !json else { return Terminal.print(try JSONOutput.text(records.map(RepositoryRow.init))) }
            var table = TextTable(["REPOSITORY", "VISIBILITY", "DEFAULT BRANCH", "UPDATED"])
            for record in records {
                table.add([
                    record.address.description, record.visibility.rawValue, record.headTarget.droppingBranchPrefix,
                    record.updatedAt.description,
                ])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary repo rename`.
    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a repository another name or owner; the old address redirects to the new one.",
            discussion: """
                Example: granary repo rename model/alice/bert research/bert-base
                Exit codes: 3 when the repository or the new namespace does not exist, 4 when the new name is taken.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Argument(help: "The new NAME, NS/NAME or TYPE/NS/NAME; the type cannot change.")
        var new: String

        func run() async throws {
            let target: RepositoryAddress
            do {
                target = try self.target()
            } catch {
                throw CommandFailure(.usage, "the new name `\(Printable.text(new))` is refused: \(error)")
            }
            guard target.type == address.type else {
                throw CommandFailure(.usage, "a \(address.type.rawValue) cannot become a \(target.type.rawValue)")
            }
            let record = try await common.withHub { hub in
                try await hub.repositories.move(address, to: target, by: .operator)
            }
            Terminal.note("\(address) is now \(record.address)")
            Terminal.print(record.address.gitPath)
        }

        private func target() throws -> RepositoryAddress {
            switch new.split(separator: "/", omittingEmptySubsequences: false).count {
            case 1: try RepositoryAddress(type: address.type, checkingNamespace: address.namespace, name: new)
            case 2: try RepositoryAddress(type: address.type, parsing: new)
            default: try RepositoryAddress(parsing: new)
            }
        }
    }

    /// `granary repo delete`.
    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a repository with all its content. It cannot be undone.",
            discussion: """
                On a terminal it asks for the repository's name first.

                Example: granary repo delete model/alice/bert --yes
                Exit codes: 3 when there is no such repository.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Flag(help: "Do not ask.")
        var yes = false

        func run() async throws {
            if !yes, Terminal.isInteractive {
                let question = "Delete \(address) for ever? Type \(address.name) to confirm: "
                guard try Terminal.confirm(question, word: address.name) else {
                    throw CommandFailure(.failure, "not confirmed; nothing was deleted")
                }
            }
            try await common.withHub { hub in try await hub.repositories.delete(address, by: .operator) }
            Terminal.note("\(address) deleted")
        }
    }
}
