import Access
import ArgumentParser
import HubCore
import Metadata

extension ImportCommand {
    /// `granary import hf-cache`.
    struct Cache: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hf-cache",
            abstract: "Bring in the models, datasets and spaces of a cache of Hugging Face's clients.",
            discussion: """
                DIR is what HF_HUB_CACHE names, by default ~/.cache/huggingface/hub. Each revision becomes a commit, with a tag \
                `import/ID` with the commit's id on the hub it came from, so that `hf download --revision ID` finds it. \
                Revisions whose tag is there are passed over. Namespaces must exist: make them with `granary org add`, or \
                give --namespace.

                Example: granary import hf-cache ~/.cache/huggingface/hub --namespace research
                Exit codes: 1 when something was left out, 2 when the directory cannot be opened.
                """
        )

        @OptionGroup var common: CommonOptions
        @OptionGroup var options: ImportOptions
        @Argument(help: ArgumentHelp("The cache.", valueName: "dir"))
        var directory: String
        @Option(help: "Put all repositories into this namespace instead of their own.")
        var namespace: String?

        func run() async throws {
            let tree = try SourceTree(directory)
            let names = try tree.names(in: "").filter { $0.kind == .directory }
            let failures = try await common.withHub { hub in
                let imports = Imports(hub)
                var failures = 0
                for name in names {
                    guard let folder = String(validating: name.bytes, as: UTF8.self) else { continue }
                    do {
                        if try await !run(folder, of: tree, imports, in: hub) { failures += 1 }
                    } catch {
                        // One repository that cannot be had keeps nobody from the others.
                        guard let failure = CommandFailure(describing: error) else { throw error }
                        Terminal.note("\(Printable.text(folder)): \(failure.message)")
                        failures += 1
                    }
                }
                return failures
            }
            guard failures == 0 else {
                throw CommandFailure(
                    .failure,
                    "\(failures) repositories were not imported in full; run it again to go on"
                )
            }
        }

        /// Imports one folder of the cache; false when something was left out.
        private func run(_ folder: String, of tree: SourceTree, _ imports: Imports, in hub: Hub) async throws -> Bool {
            let address: RepositoryAddress?
            do {
                address = try CachedRepository.address(of: folder, in: namespace)
            } catch let error as HubError {
                throw error
            } catch {
                throw CommandFailure(.usage, "the name is not allowed here: \(error)")
            }
            guard let address else { return true }
            let repository = try CachedRepository(folder, of: tree)
            if !options.dryRun, !repository.snapshots.isEmpty { try await options.create(address, in: hub) }
            var isWhole = true
            for snapshot in repository.snapshots {
                let report = try await report(on: snapshot, of: tree, address, imports)
                report?.print()
                if let report, !report.problems.isEmpty { isWhole = false }
            }
            return isWhole
        }

        private func report(
            on snapshot: CachedRepository.Snapshot,
            of tree: SourceTree,
            _ address: RepositoryAddress,
            _ imports: Imports
        ) async throws -> ImportReport? {
            let name = "\(address)@\(snapshot.id.prefix(10))"
            if options.dryRun {
                let plan = try await imports.plan(tree, under: snapshot.folder, for: nil, by: .operator)
                return ImportReport(planned: plan, for: name)
            }
            let progress = ImportProgress(of: nil)
            let outcome = try await imports.run(
                snapshot,
                of: tree,
                into: address,
                by: .operator,
                progress: progress.add
            )
            guard let outcome else {
                Terminal.note("\(name): imported before")
                return nil
            }
            return ImportReport(outcome, for: name)
        }
    }
}
