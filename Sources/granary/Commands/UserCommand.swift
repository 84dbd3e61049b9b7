import Access
import ArgumentParser
import HubCore
import Metadata

/// `granary user`.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Manage the people and machines that have accounts.",
        subcommands: [Add.self, List.self, Disable.self, Enable.self, Password.self]
    )

    /// `granary user add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a user.",
            discussion: """
                Without --password-stdin the user has no password and signs in with tokens only (`granary token add`).

                Example: granary user add alice --email alice@example.org
                Exit codes: 2 for a name that is not allowed, 4 when the name is taken.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "Letters, digits, '.', '_' and '-'; unique without regard to case.")
        var name: String
        @Flag(help: "Let the user administer the whole hub.")
        var admin = false
        @Option(help: "Where to reach the user; shown as the author of commits made in the web pages.")
        var email: String?
        @Flag(help: "Read the password from one line of standard input.")
        var passwordStdin = false

        func run() async throws {
            let password = passwordStdin ? try Terminal.readLine() : nil
            try await common.withHub { hub in
                let user = NewUser(name: name, email: email, isAdmin: admin, password: password)
                let record = try await hub.accounts.createUser(user, by: .operator)
                Terminal.note("user \(record.name) created\(record.isAdmin ? ", an administrator" : "")")
            }
        }
    }

    /// `granary user list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all users.",
            discussion: "Example: granary user list --json"
        )

        @OptionGroup var common: CommonOptions
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let users = try await common.withHub { hub in try await hub.accounts.users(by: .operator) }
            guard !json else { return Terminal.print(try JSONOutput.text(users.map(UserRow.init))) }
            var table = TextTable(["NAME", "ADMIN", "STATE", "PASSWORD", "EMAIL", "CREATED"])
            for user in users {
                table.add([
                    user.name, user.isAdmin ? "yes" : "no", user.isDisabled ? "disabled" : "enabled",
                    user.hasPassword ? "yes" : "no", user.email ?? "", user.createdAt.description,
                ])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary user disable`.
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close all ways to sign in as a user; nothing is deleted.",
            discussion: "Example: granary user disable alice\nExit codes: 3 when there is no such user."
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user.")
        var name: String

        func run() async throws {
            try await common.withHub { hub in try await hub.accounts.setDisabled(name: name, true, by: .operator) }
            Terminal.note("user \(Printable.text(name)) disabled")
        }
    }

    /// `granary user enable`.
    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Undo `granary user disable`.",
            discussion: "Example: granary user enable alice\nExit codes: 3 when there is no such user."
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user.")
        var name: String

        func run() async throws {
            try await common.withHub { hub in try await hub.accounts.setDisabled(name: name, false, by: .operator) }
            Terminal.note("user \(Printable.text(name)) enabled")
        }
    }

    /// `granary user password`.
    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a user's password.",
            discussion: """
                Asks twice on a terminal; scripts use --password-stdin. Tokens of the user stay valid.

                Example: pwgen 20 1 | granary user password alice --password-stdin
                Exit codes: 2 for a password that is not allowed, 3 when there is no such user.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user.")
        var name: String
        @Flag(help: "Read the password from one line of standard input.")
        var passwordStdin = false

        func run() async throws {
            let password = passwordStdin ? try Terminal.readLine() : try Terminal.askForNewPassword()
            try await common.withHub { hub in
                try await hub.accounts.setPassword(name: name, password: password, by: .operator)
            }
            Terminal.note("password of \(Printable.text(name)) set")
        }
    }
}
