package import Access
import GitCore
package import Metadata

extension GitAccess {
    /// Makes the first commit on the repository's default branch, with the `.gitattributes` that its type wants.
    package func writeInitialCommit(to record: RepositoryRecord, author: Actor, sdk: String?) async throws {
        let identity = CommitIdentity(author, at: environment.now())
        let quarantine = repository(of: record.id).files.quarantinePath
        try await publish(to: record, by: .operator, operation: "initialize") { refs in
            let objects = PackDraft(spoolingIn: quarantine)
            let editor = try TreeEditor(nil, ObjectReader(repository(of: record.id).files.packs.current()))
            let files = InitialFiles(of: record.name, sdk: sdk)
            for (path, text) in files.contents {
                try editor.put(try objects.add(.blob, Array(text.utf8)), at: try TreePath(path))
            }
            let tree = try editor.write(into: objects)
            let text = CommitText(tree: tree, parents: [], identity: identity, message: "initial commit\n")
            let commit = try objects.add(.commit, text.bytes)
            let command = ReceiveCommand(old: .zero, new: commit, rawName: refs.headTarget.bytes)
            return ServerPush.Content([command], [objects])
        }
    }
}

/// Contents of the files in a repository's first commit.
struct InitialFiles {
    /// By path.
    let contents: [(path: String, text: String)]

    init(of name: String, sdk: String?) {
        let readme = sdk.map { [("README.md", Self.readme(of: name, sdk: $0))] } ?? []
        contents = [(".gitattributes", Self.gitattributes)] + readme
    }

    /// Which files belong into large file storage: the formats of weights, arrays and archives, as on Hugging Face.
    private static var gitattributes: String {
        patterns.map { "\($0) filter=lfs diff=lfs merge=lfs -text\n" }.joined()
    }

    /// A space's card: names and kits hold no character that YAML could mistake.
    private static func readme(of name: String, sdk: String) -> String {
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
