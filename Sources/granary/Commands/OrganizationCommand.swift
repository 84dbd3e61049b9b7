import Access
import ArgumentParser
import HubCore
import Metadata

/// `granary org`.
struct OrganizationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "org",
        abstract: "Manage organisations and who belongs to them.",
        subcommands: [Add.self, List.self, Member.self]
    )

    /// `granary org add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an organisation.",
            discussion: """
                Example: granary org add research
                Exit codes: 2 for a name that is not allowed, 4 when the name is taken.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "Letters, digits, '.', '_' and '-'; unique without regard to case, also among users.")
        var name: String

        func run() async throws {
            let record = try await common.withHub { hub in
                try await hub.accounts.createOrganization(name: name, by: .operator)
            }
            Terminal.note("organisation \(record.name) created")
        }
    }

    /// `granary org list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all organisations with their members.",
            discussion: "Example: granary org list --json"
        )

        @OptionGroup var common: CommonOptions
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let rows = try await common.withHub { hub in
                var rows: [OrganizationRow] = []
                for organization in try await hub.accounts.organizations(by: .operator) {
                    let members = try await hub.accounts.members(organization: organization.name, by: .operator)
                    rows.append(OrganizationRow(organization, members: members))
                }
                return rows
            }
            guard !json else { return Terminal.print(try JSONOutput.text(rows)) }
            var table = TextTable(["NAME", "MEMBERS", "CREATED"])
            for row in rows {
                let members = row.members.map { "\($0.user)=\($0.role)" }.joined(separator: " ")
                table.add([row.name, members, row.createdAt])
            }
            Terminal.print(table.text)
        }
    }

    /// `granary org member`.
    struct Member: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user a role in an organisation, or take it away.",
            discussion: """
                The role holds for every repository of the organisation. `none` ends the membership.

                Example: granary org member research alice write
                Exit codes: 3 when the organisation or the user does not exist.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The organisation.")
        var organization: String
        @Argument(help: "The user.")
        var user: String
        @Argument(help: "read, write, admin or none.", transform: Arguments.roleOrNone)
        var role: RoleOrNone

        func run() async throws {
            try await common.withHub { hub in
                try await hub.accounts.setMembership(
                    organization: organization,
                    user: user,
                    role: role.role,
                    by: .operator
                )
            }
            let outcome = role.role.map { "has the role \($0.rawValue) in" } ?? "is no member of"
            Terminal.note("\(Printable.text(user)) \(outcome) \(Printable.text(organization))")
        }
    }
}
