import GranaryTesting
import Testing

/// What a hostile push may build on: a repository with three commits.
struct HostileGround: Sendable {
    /// The tip of `main`.
    let tip: String
    /// The root tree of the tip.
    let tree: [UInt8]
    /// A blob of the tip.
    let blob: [UInt8]

    /// Reads the ids out of a working repository.
    init(_ work: GitClient) async throws {
        tip = try await work.id("main")
        tree = try await bytes(ofHex: work.id("main^{tree}"))
        blob = try await bytes(ofHex: work.id("main:README.md"))
    }
}

/// The bytes of an id in hex digits.
func bytes(ofHex text: String) -> [UInt8] {
    let digits = text.utf8.map { UInt8($0 < 0x40 ? $0 - 0x30 : ($0 | 0x20) - 0x57) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// An id as hex digits.
func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

/// One push that has to be refused.
struct HostilePush: Sendable, CustomTestStringConvertible {
    /// What is wrong with it.
    let name: String
    /// Makes the request.
    let request: @Sendable (HostileGround) async throws -> PushRequest

    var testDescription: String { name }

    /// A push of a pack, whose new branch points to `tip` or else to an object of the ground.
    static func pack(
        _ name: String,
        tip: @escaping @Sendable (HostileGround) throws -> String = { $0.tip },
        _ build: @escaping @Sendable (HostileGround) async throws -> HostilePack
    ) -> HostilePush {
        HostilePush(name: name) { ground in
            PushRequest(creating: "refs/heads/evil", at: try tip(ground), pack: try await build(ground).bytes)
        }
    }

    /// A push of raw bytes in place of a pack.
    static func bytes(_ name: String, _ build: @escaping @Sendable () throws -> [UInt8]) -> HostilePush {
        HostilePush(name: name) { PushRequest(creating: "refs/heads/evil", at: $0.tip, pack: try build()) }
    }

    /// A push of objects, the last of which the new branch (or tag) points to.
    static func objects(
        _ name: String,
        ref: String = "refs/heads/evil",
        _ build: @escaping @Sendable (HostileGround) throws -> [GitObject]
    ) -> HostilePush {
        HostilePush(name: name) { ground in
            let objects = try build(ground)
            let tip = try objects.last?.hex ?? ground.tip
            return PushRequest(creating: ref, at: tip, pack: try HostilePack(objects).bytes)
        }
    }

    /// A push of a commit whose root tree is this one.
    static func tree(_ name: String, _ build: @escaping @Sendable (HostileGround) throws -> GitObject) -> HostilePush {
        objects(name) { ground in
            let tree = try build(ground)
            return [tree, .commit(tree: try tree.hex, parents: [ground.tip])]
        }
    }

    /// A push of a commit with one entry in its root tree that has this name.
    static func treeEntry(_ name: String, _ mode: String = "100644") -> HostilePush {
        tree("a tree entry \(name.debugDescription) of mode \(mode)") {
            .tree(mode, name, mode == "40000" ? $0.tree : $0.blob)
        }
    }

    /// A push of a commit with this text; `TREE` and `TIP` in it are replaced.
    static func commit(_ name: String, _ text: String) -> HostilePush {
        objects(name) { ground in
            [GitObject(.commit, text.replacing("TREE", with: hex(ground.tree)).replacing("TIP", with: ground.tip))]
        }
    }

    /// A push of a `.gitmodules` file with this content.
    static func modules(_ name: String, _ content: String) -> HostilePush {
        objects(".gitmodules with \(name)") { ground in
            let blob = GitObject(.blob, content)
            let tree = try GitObject.tree("100644", ".gitmodules", blob.id)
            return [blob, tree, .commit(tree: try tree.hex, parents: [ground.tip])]
        }
    }
}
