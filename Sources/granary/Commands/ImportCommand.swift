import Access
import ArgumentParser
import HubCore
import Metadata

/// `granary import`.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring in files that lie on this machine, without uploading them.",
        discussion: """
            The same rules, quotas and checks as for uploads hold. It may run while the server does, and goes on where it was \
            interrupted when it is run again.
            """,
        subcommands: [Directory.self, Cache.self]
    )

    /// `granary import dir`.
    struct Directory: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dir",
            abstract: "Commit the files of a directory to a repository, which is made if need be.",
            discussion: """
                What else is in the repository stays, unless --replace is given. Symbolic links to files within the directory \
                become those files; `.git` and `.cache/huggingface` are left out. Git repositories are brought in whole, with \
                their history, by `git push --mirror` and `git lfs push --all`.

                Example: granary import dir /data/bert model/alice/bert
                Exit codes: 1 when some files were left out, 2 when the directory cannot be opened, 3 when there is no such \
                namespace.
                """
        )

        @OptionGroup var common: CommonOptions
        @OptionGroup var options: ImportOptions
        @Argument(help: ArgumentHelp("The directory.", valueName: "path"))
        var path: String
        @Argument(help: ArgumentHelp("TYPE/NS/NAME.", valueName: "repository"), transform: Arguments.repository)
        var address: RepositoryAddress
        @Option(help: "The branch, which is made if need be.")
        var branch = "main"
        @Option(help: "The title of the commit.")
        var message = "Import files"
        @Flag(help: "Delete what is in the branch and not in the directory.")
        var replace = false

        func run() async throws {
            let tree = try SourceTree(path)
            let report = try await common.withHub { hub in
                let target = Imports.Target(
                    address: address,
                    ref: "refs/heads/\(branch)",
                    replaces: replace,
                    title: message
                )
                let imports = Imports(hub)
                let plan = try await imports.plan(tree, under: "", for: target, by: .operator)
                if options.dryRun { return ImportReport(planned: plan, for: address) }
                try target.check()
                try await options.create(address, in: hub)
                let progress = ImportProgress(of: plan.bytes.large)
                let outcome = try await imports.run(
                    plan,
                    of: tree,
                    into: target,
                    by: .operator,
                    progress: progress.add
                )
                return ImportReport(outcome, for: address)
            }
            report.print()
            guard report.problems.isEmpty else { throw CommandFailure(.failure, "") }
        }
    }
}

/// What all imports take.
struct ImportOptions: ParsableArguments {
    @Flag(help: "Say what would be done, and change nothing.")
    var dryRun = false
    @Flag(
        name: .customLong("public"),
        help: "Everybody may read repositories that are made; otherwise they are private."
    )
    var isPublic = false

    /// Makes a repository unless it is there.
    func create(_ address: RepositoryAddress, in hub: Hub) async throws {
        do {
            _ = try await hub.repositories.resolve(address, action: .writeRepository, by: .operator)
        } catch let error as HubError where error.kind == .notFound {
            let new = NewRepository(address: address, visibility: isPublic ? .public : .private, initialize: false)
            let record = try await hub.repositories.create(new, by: .operator)
            Terminal.note("\(record.visibility.rawValue) repository \(record.address) created")
        }
    }
}
