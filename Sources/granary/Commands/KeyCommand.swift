import Access
import ArgumentParser
import HubCore

/// `granary key`.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Manage SSH keys: of users, of repositories (deploy keys) and of organisations.",
        subcommands: [Add.self, List.self, Remove.self]
    )

    /// `granary key list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys of a user, a repository or an organisation, or all keys.",
            discussion: """
                Example: granary key list alice --json
                Example: granary key list --repository model/research/tiny
                Exit codes: 3 when the user, repository or organisation does not exist.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user; without it and the two options, all keys.")
        var user: String?
        @OptionGroup var owner: KeyOwnerOptions
        @Flag(help: "Print a JSON array.")
        var json = false

        func validate() throws {
            guard user == nil || owner.chosen == nil else {
                throw ValidationError("A user, --repository and --organization exclude each other.")
            }
        }

        func run() async throws {
            let owner = user.map { KeyOwner.user($0) } ?? owner.chosen
            let rows = try await common.withHub { hub in
                try await hub.accounts.keys(of: owner, by: .operator).map(KeyRow.init)
            }
            guard !json else { return Terminal.print(try JSONOutput.text(rows)) }
            var table = TextTable(["FINGERPRINT", "ALGORITHM", "OWNER", "ROLE", "TITLE", "CREATED", "LAST USED"])
            for row in rows {
                table.add([
                    row.fingerprint, row.algorithm, "\(row.owner.kind) \(row.owner.name)", row.role ?? "", row.title,
                    row.createdAt, row.lastUsedAt ?? "never",
                ])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary key remove`.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a key. It is refused at once, in open connections at their next command.",
            discussion: """
                Example: granary key remove SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU
                Exit codes: 3 when there is no such key.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The fingerprint or the id, as `granary key list` prints them.")
        var key: String

        func run() async throws {
            try await common.withHub { hub in try await hub.accounts.removeKey(key, by: .operator) }
            Terminal.note("key \(Printable.text(key)) removed")
        }
    }
}

/// The options that name an owner who is no user.
struct KeyOwnerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The repository whose deploy key it is; without TYPE, a model.",
            valueName: "[type/]ns/name"
        ),
        transform: Arguments.repository
    )
    var repository: RepositoryAddress?
    @Option(help: ArgumentHelp("The organisation whose key it is.", valueName: "org"))
    var organization: String?

    /// The owner; nil when neither option is given.
    var chosen: KeyOwner? {
        if let repository { .repository(repository) } else { organization.map { .organization($0) } }
    }

    func validate() throws {
        guard repository == nil || organization == nil else {
            throw ValidationError("--repository and --organization exclude each other.")
        }
    }
}
