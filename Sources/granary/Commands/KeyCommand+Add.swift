import Access
import ArgumentParser
import HubCore
import Metadata

extension KeyCommand {
    /// `granary key add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a public key, and print its fingerprint.",
            usage: """
                granary key add <user> <file> [--title <title>]
                granary key add --repository <[type/]ns/name> --role <read|write> <file> [--title <title>]
                granary key add --organization <org> --role <read|write> <file> [--title <title>]
                """,
            discussion: """
                A user's key may do what the user may. A deploy key acts in one repository, an organisation's key in all \
                repositories of the organisation, with the role given here and for nobody; both only read what is public \
                elsewhere. A key has one owner in the whole hub.

                Takes the line that ssh-keygen writes into a .pub file: Ed25519, ECDSA, RSA of at least 2048 bits, and \
                the security-key forms.

                Example: granary key add alice ~/.ssh/id_ed25519.pub
                Example: granary key add --repository model/research/tiny --role read ci.pub
                Example: granary key add --organization research --role write --title builder builder.pub
                Exit codes: 2 for a file that holds no such key, 3 when the user, repository or organisation does not \
                exist, 4 when the key is in use.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(
            help: ArgumentHelp("The user, unless the key is a repository's or an organisation's.", valueName: "user")
        )
        var first: String
        @Argument(help: ArgumentHelp("The .pub file, or - for standard input.", valueName: "file"))
        var second: String?
        @OptionGroup var owner: KeyOwnerOptions
        @Option(
            help: ArgumentHelp("What a repository's or an organisation's key may do.", valueName: "read|write"),
            transform: Arguments.keyRole
        )
        var role: Role?
        @Option(help: "What to call the key; without it, the comment at the end of the line.")
        var title: String?

        func validate() throws {
            if owner.chosen == nil {
                guard second != nil else {
                    throw ValidationError("Name a user and a file, or --repository or --organization and a file.")
                }
                guard role == nil else {
                    throw ValidationError("A user's key has no role: it may do what the user may.")
                }
            } else {
                guard second == nil else {
                    throw ValidationError(
                        "With --repository or --organization, name the file alone: a key has one owner."
                    )
                }
                guard role != nil else { throw ValidationError("Say with --role what the key may do: read or write.") }
            }
        }

        func run() async throws {
            let file = second ?? first
            let text: String
            do {
                text = try BoundedFile.readText(file, limit: 65_536)
            } catch {
                throw CommandFailure(.usage, "cannot read \(Printable.text(file)): \(error)")
            }
            let fingerprint = try await common.withHub { hub in try await add(text, to: hub.accounts) }
            Terminal.print(fingerprint)
        }

        private func add(_ text: String, to accounts: Accounts) async throws -> String {
            switch (owner.chosen, role) {
            case (.repository(let address), let role?):
                try await accounts.addDeployKey(
                    to: address,
                    role: role,
                    title: title,
                    openSSHText: text,
                    by: .operator
                ).fingerprint
            case (.organization(let name), let role?):
                try await accounts.addOrganizationKey(
                    to: name,
                    role: role,
                    title: title,
                    openSSHText: text,
                    by: .operator
                ).fingerprint
            default:
                try await accounts.addKey(userName: first, title: title, openSSHText: text, by: .operator).fingerprint
            }
        }
    }
}
