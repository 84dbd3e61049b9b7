import Access
import ArgumentParser
import HubCore
import Metadata

/// `granary token`.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Manage access tokens.",
        subcommands: [Add.self, List.self, Revoke.self]
    )

    /// `granary token add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a token and print it, alone, on standard output. It cannot be shown again.",
            discussion: """
                git takes the token as the password, with any user name; API clients send it as a bearer token. It may \
                do what its user may do, and no more than its role.

                A fine-grained token has no role but permissions: each --allow names a place and what may be done there. A \
                place is '*', NS or [TYPE/]NS/NAME; the verbs are read, write (includes read; in a namespace it makes \
                repositories), administer (includes write) and discussions. Elsewhere it reads what everybody may read.

                Example: TOKEN=$(granary token add alice --name laptop --role write --expires 30d)
                Example: granary token add alice --name ci --allow model/alice/bert=write --allow acme=read,discussions
                Exit codes: 3 when the user, namespace or repository does not exist, 4 when the name is taken.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user the token acts for.")
        var user: String
        @Option(help: "What the user calls it; unique among the user's tokens.")
        var name: String
        @Option(help: "The most it may do: read, write or admin.", transform: Arguments.role)
        var role: Role?
        @Option(
            help: ArgumentHelp("For how long it is valid: 90m, 12h, 30d. Without it, for ever.", valueName: "duration"),
            transform: Arguments.duration
        )
        var expires: Int64?
        @Option(
            help: ArgumentHelp("Limit it to one repository; without TYPE, a model.", valueName: "[type/]ns/name"),
            transform: Arguments.repository
        )
        var repo: RepositoryAddress?
        @Option(help: ArgumentHelp("Limit it to the repositories of one user or organisation.", valueName: "ns"))
        var namespace: String?
        @Option(
            help: ArgumentHelp("Make it fine-grained, and allow this. May be repeated.", valueName: "place=verb,…"),
            transform: Arguments.permission
        )
        var allow: [TokenPermissionList.Entry] = []
        @Flag(help: "Make it fine-grained, and let it manage its user's tokens, keys and profile.")
        var manageAccount = false
        @Flag(help: "Make it fine-grained, and let it do what its user may do as an administrator of the hub.")
        var administerHub = false

        private var isFineGrained: Bool { !allow.isEmpty || manageAccount || administerHub }

        func validate() throws {
            guard repo == nil || namespace == nil else {
                throw ValidationError("--repo and --namespace exclude each other.")
            }
            guard isFineGrained == (role == nil) else {
                throw ValidationError("Give either --role, or --allow, --manage-account or --administer-hub.")
            }
            guard !isFineGrained || (repo == nil && namespace == nil) else {
                throw ValidationError("--repo and --namespace go with --role; --allow names its places itself.")
            }
        }

        func run() async throws {
            let token = token()
            Terminal.print(
                try await common.withHub { hub in try await hub.accounts.createToken(token, by: .operator) }
            )
        }

        private func token() -> NewToken {
            guard let role else {
                let permissions = TokenPermissionList(
                    entries: allow,
                    managesAccount: manageAccount,
                    administersHub: administerHub
                )
                return NewToken(userName: user, name: name, permissions: permissions, expiresIn: expires)
            }
            let restriction: NewToken.Restriction =
                if let repo { .repository(repo) } else if let namespace { .namespace(namespace) } else { .none }
            return NewToken(userName: user, name: name, role: role, expiresIn: expires, restriction: restriction)
        }
    }

    /// `granary token list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List tokens, without the tokens themselves.",
            discussion: "Example: granary token list alice --json\nExit codes: 3 when there is no such user."
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user; without it, all tokens of all users.")
        var user: String?
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let rows = try await common.withHub { hub in
                try await hub.accounts.tokens(userName: user, by: .operator).map(TokenRow.init)
            }
            guard !json else { return Terminal.print(try JSONOutput.text(rows)) }
            var table = TextTable(["USER", "NAME", "ROLE", "ONLY FOR", "CREATED", "EXPIRES", "LAST USED", "REVOKED"])
            for row in rows {
                table.add([
                    row.user, row.name, row.role, row.onlyFor, row.createdAt,
                    row.expiresAt ?? "never",
                    row.lastUsedAt ?? "never", row.revokedAt ?? "",
                ])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary token revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token useless, at once and for ever.",
            discussion: """
                Example: granary token revoke alice laptop
                Exit codes: 3 when the user has no such token.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user.")
        var user: String
        @Argument(help: "The token's name.")
        var name: String

        func run() async throws {
            try await common.withHub { hub in
                try await hub.accounts.revokeToken(userName: user, name: name, by: .operator)
            }
            Terminal.note("token \(Printable.text(name)) of \(Printable.text(user)) revoked")
        }
    }
}
