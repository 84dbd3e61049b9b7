import Access
import GitCore
package import Metadata
import NIOCore

extension GitAccess {
    /// Makes the first commit on the repository's default branch, with the `.gitattributes` that its type wants.
    ///
    /// It goes the way of every push: one pack through the quarantine, one transaction for the ref.
    package func writeInitialCommit(to record: RepositoryRecord, author: String, sdk: String?) async throws {
        let repository = repository(of: record.id)
        let rules = try await database.read { try PushRules(for: .operator, record, in: $0) }
        let target = DatabasePushTarget(
            git: self,
            id: record.id,
            repository: repository,
            actor: .operator,
            rules: rules
        )
        let (pack, commit) = try initialPack(for: record, author: author, sdk: sdk)
        let name = try RefName(validating: record.headTarget.utf8)
        try await withTaskExecutorPreference(executor) {
            let push = ServerPush(repository: repository.files, target: target, context: context)
            let id = try environment.newID().text
            do {
                try await push.push(pack, [RefUpdate(name: name, old: .zero, new: commit)], quarantineName: id)
            } catch {
                throw HubError.translating(error)
            }
        }
    }

    private func initialPack(
        for record: RepositoryRecord,
        author: String,
        sdk: String?
    ) throws -> (pack: [UInt8], commit: ObjectID) {
        var builder = PackBuilder()
        let attributes = try builder.add(.blob, Array(InitialFiles.gitattributes.utf8))
        var entries = Array("100644 .gitattributes\0".utf8) + attributes.bytes
        if let sdk {
            let readme = try builder.add(.blob, Array(InitialFiles.readme(of: record.name, sdk: sdk).utf8))
            entries += Array("100644 README.md\0".utf8) + readme.bytes
        }
        let tree = try builder.add(.tree, entries)
        let seconds = environment.now().microseconds / 1_000_000
        let name = author.filter { $0.isLetter || $0.isNumber || "._- ".contains($0) }
        let identity =
            "\(name.isEmpty ? "granary" : name) <\(name.filter { $0 != " " })@users.noreply> \(seconds) +0000"
        let commit = try builder.add(
            .commit,
            Array("tree \(tree)\nauthor \(identity)\ncommitter \(identity)\n\ninitial commit\n".utf8)
        )
        return (try builder.finish(), commit)
    }
}

/// Contents of the files in a repository's first commit.
enum InitialFiles {
    /// Which files belong into large file storage: the formats of weights, arrays and archives, as on Hugging Face.
    static var gitattributes: String {
        patterns.map { "\($0) filter=lfs diff=lfs merge=lfs -text\n" }.joined()
    }

    /// A space's card: names and kits hold no character that YAML could mistake.
    static func readme(of name: String, sdk: String) -> String {
        "---\ntitle: \"\(name)\"\nsdk: \(sdk)\n---\n"
    }

    private static let patterns = [
        "*.7z", "*.arrow", "*.bin", "*.bz2", "*.ckpt", "*.ftz", "*.gz", "*.h5", "*.joblib", "*.lfs.*", "*.mlmodel",
        "*.model", "*.msgpack", "*.npy", "*.npz", "*.onnx", "*.ot", "*.parquet", "*.pb", "*.pickle", "*.pkl", "*.pt",
        "*.pth", "*.rar", "*.safetensors", "saved_model/**/*", "*.tar.*", "*.tar", "*.tflite", "*.tgz", "*.wasm",
        "*.xz",
        "*.zip", "*.zst", "*tfevents*",
    ]
}
