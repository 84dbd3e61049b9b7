import Access
import ArgumentParser
import HubCore
import Metadata

extension RepositoryCommand {
    /// `granary repo show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one repository with its settings, grants, protected refs and directory.",
            discussion:
                "Example: granary repo show model/alice/bert --json\nExit codes: 3 when there is no such repository."
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Flag(help: "Print a JSON object.")
        var json = false

        func run() async throws {
            let details = try await common.withHub { hub in
                let record = try await hub.repositories.resolve(address, action: .administerRepository, by: .operator)
                return RepositoryDetails(
                    record,
                    directory: hub.repositories.directory(of: record.id),
                    grants: try await hub.repositories.grants(address, by: .operator),
                    protections: try await hub.repositories.protectedRefs(address, by: .operator)
                )
            }
            Terminal.print(json ? try JSONOutput.text(details) : details.text)
        }
    }

    /// `granary repo set`.
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a repository's settings; what is not given stays.",
            discussion: """
                Example: granary repo set model/alice/bert --public --default-branch trunk --deny-deletes true
                Exit codes: 2 for a default branch that is no branch name, 3 when there is no such repository.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Flag(name: .customLong("private"), help: "Only those with a role may see it.")
        var isPrivate = false
        @Flag(name: .customLong("public"), help: "Everybody may read it.")
        var isPublic = false
        @Option(help: ArgumentHelp("Close it for all but administrators of the hub.", valueName: "true|false"))
        var disabled: Bool?
        @Option(help: ArgumentHelp("What a clone checks out.", valueName: "branch"))
        var defaultBranch: String?
        @Option(help: ArgumentHelp("Refuse pushes that lose commits.", valueName: "true|false"))
        var denyNonFastForward: Bool?
        @Option(help: ArgumentHelp("Refuse to delete refs.", valueName: "true|false"))
        var denyDeletes: Bool?
        @Option(
            help: ArgumentHelp(
                "What happens to pushes that name large files which are not stored.",
                valueName: "enforce|warn|off"
            ),
            transform: Arguments.pointerRule
        )
        var lfsPointers: LFSPointerRule?

        func validate() throws {
            guard !(isPrivate && isPublic) else { throw ValidationError("--private and --public exclude each other.") }
            guard
                isPrivate || isPublic || defaultBranch != nil || denyNonFastForward != nil || denyDeletes != nil
                    || lfsPointers != nil || disabled != nil
            else {
                throw ValidationError("Nothing to change: give at least one setting.")
            }
        }

        func run() async throws {
            let wanted = change
            _ = try await common.withHub { hub in
                try await hub.repositories.change(address, wanted, by: .operator)
            }
            Terminal.note("\(address) changed")
        }

        private var change: RepositoryChange {
            var change = RepositoryChange()
            change.visibility = isPublic ? .public : isPrivate ? .private : nil
            change.isDisabled = disabled
            change.headTarget = defaultBranch.map { $0.hasPrefix("refs/") ? $0 : "refs/heads/\($0)" }
            change.denyNonFastForward = denyNonFastForward
            change.denyDeletes = denyDeletes
            change.lfsPointers = lfsPointers
            return change
        }
    }

    /// `granary repo grant`.
    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a user a role in one repository, or take it away.",
            discussion: """
                Example: granary repo grant model/alice/bert bob write
                Exit codes: 3 when the repository or the user does not exist.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Argument(help: "The user.")
        var user: String
        @Argument(help: "read, write, admin or none.", transform: Arguments.roleOrNone)
        var role: RoleOrNone

        func run() async throws {
            try await common.withHub { hub in
                try await hub.repositories.grant(address, userName: user, role: role.role, by: .operator)
            }
            Terminal.note("\(Printable.text(user)) has \(role.role?.rawValue ?? "no role") in \(address)")
        }
    }

    /// `granary repo protect`.
    struct Protect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let only some roles change the refs of a pattern.",
            discussion: """
                A pattern without refs/ in front is about branches; * stands for any text. A second protection by the \
                same pattern replaces the first.

                Example: granary repo protect model/alice/bert main --push admin
                Exit codes: 2 for a pattern that no ref could match, 3 when there is no such repository.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Argument(help: "Which refs: main, release/*, refs/tags/*.")
        var pattern: String
        @Option(help: "Who may create the refs and move them forward: read, write or admin.", transform: Arguments.role)
        var push: Role = .write
        @Option(help: "Who may move them otherwise: a role, or none for nobody.", transform: Arguments.roleOrNone)
        var forcePush = RoleOrNone(role: nil)
        @Option(help: "Who may delete them: a role, or none for nobody.", transform: Arguments.roleOrNone)
        var delete = RoleOrNone(role: nil)

        func run() async throws {
            try await common.withHub { hub in
                try await hub.repositories.protectRef(
                    address,
                    pattern: pattern,
                    pushRole: push,
                    forcePushRole: forcePush.role,
                    deleteRole: delete.role,
                    by: .operator
                )
            }
            Terminal.note("\(Printable.text(pattern)) is protected in \(address)")
        }
    }

    /// `granary repo unprotect`.
    struct Unprotect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End the protection by a pattern.",
            discussion: """
                Example: granary repo unprotect model/alice/bert main
                Exit codes: 3 when there is no such repository or protection.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Argument(help: "The pattern, as it was given to `granary repo protect`.")
        var pattern: String

        func run() async throws {
            try await common.withHub { hub in
                try await hub.repositories.unprotectRef(address, pattern: pattern, by: .operator)
            }
            Terminal.note("\(Printable.text(pattern)) is no longer protected in \(address)")
        }
    }
}
