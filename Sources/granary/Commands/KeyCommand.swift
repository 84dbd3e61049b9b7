import Access
import ArgumentParser
import HubCore
import Metadata

/// `granary key`.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Manage the SSH keys of users.",
        subcommands: [Add.self, List.self, Remove.self]
    )

    /// `granary key add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a public key, and print its fingerprint.",
            discussion: """
                Takes the line that ssh-keygen writes into a .pub file: Ed25519, ECDSA, RSA of at least 2048 bits, and \
                the security-key forms.

                Example: granary key add alice ~/.ssh/id_ed25519.pub
                Exit codes: 2 for a file that holds no such key, 3 when there is no such user, 4 when the key is in use.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user.")
        var user: String
        @Argument(help: "The .pub file, or - for standard input.")
        var file: String
        @Option(help: "What to call the key; without it, the comment at the end of the line.")
        var title: String?

        func run() async throws {
            let text: String
            do {
                text = try BoundedFile.readText(file, limit: 65_536)
            } catch {
                throw CommandFailure(.usage, "cannot read \(Printable.text(file)): \(error)")
            }
            let key = try await common.withHub { hub in
                try await hub.accounts.addKey(userName: user, title: title, openSSHText: text, by: .operator)
            }
            Terminal.print(key.fingerprint)
        }
    }

    /// `granary key list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys of a user.",
            discussion: "Example: granary key list alice --json\nExit codes: 3 when there is no such user."
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The user.")
        var user: String
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let keys = try await common.withHub { hub in
                try await hub.accounts.keys(userName: user, by: .operator)
            }
            guard !json else { return Terminal.print(try JSONOutput.text(keys.map(KeyRow.init))) }
            var table = TextTable(["FINGERPRINT", "ALGORITHM", "TITLE", "CREATED", "LAST USED"])
            for key in keys {
                table.add([
                    key.fingerprint, key.algorithm, key.title, key.createdAt.description,
                    key.lastUsedAt?.description ?? "never",
                ])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary key remove`.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a key.",
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
