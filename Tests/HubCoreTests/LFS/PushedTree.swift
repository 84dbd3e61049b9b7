import Access
import GitCore
import GranaryTesting
import HubCore
import NIOCore
import Synchronization
import Testing

/// A commit whose root holds some files, with everything that is needed to push it.
struct PushedTree: Sendable {
    let commit: String
    let pack: [UInt8]

    /// - Parameter files: names without slashes, or with one for a file in a folder.
    init(_ files: [String: String], parent: String? = nil) throws {
        var builder = PackBuilder()
        var folders: [String: [(name: String, oid: ObjectID)]] = [:]
        for (path, text) in files {
            let parts = path.split(separator: "/").map(String.init)
            let oid = try builder.add(.blob, Array(text.utf8))
            folders[parts.count > 1 ? parts[0] : "", default: []].append((parts[parts.count - 1], oid))
        }
        var entries: [(name: String, bytes: [UInt8])] = []
        for (folder, files) in folders {
            let files = files.sorted { $0.name < $1.name }.map { Array("100644 \($0.name)\0".utf8) + $0.oid.bytes }
            if folder.isEmpty {
                entries += zip(folders[""]?.map(\.name).sorted() ?? [], files).map { ($0, $1) }
            } else {
                let tree = try builder.add(.tree, files.flatMap { $0 })
                entries.append((folder + "/", Array("40000 \(folder)\0".utf8) + tree.bytes))
            }
        }
        let root = try builder.add(.tree, entries.sorted { $0.name < $1.name }.flatMap(\.bytes))
        let person = "A U Thor <author@example.com> 1700000000 +0000"
        let parents = parent.map { "parent \($0)\n" } ?? ""
        let text = "tree \(root)\n\(parents)author \(person)\ncommitter \(person)\n\nmade by hand\n"
        commit = try builder.add(.commit, Array(text.utf8)).hex
        pack = try builder.finish()
    }
}

/// Gathers what the server writes.
final class GatheredOutput: ByteSink {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func write(_ buffer: ByteBuffer) async throws {
        bytes.withLock { $0 += Array(buffer.readableBytesView) }
    }
}

extension World {
    static let zero = String(repeating: "0", count: 40)

    /// Pushes as git does; what the server says.
    @discardableResult
    func push(
        _ tree: PushedTree,
        to ref: String = "refs/heads/main",
        from old: String = World.zero,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws -> String {
        var request = PushRequest([PushRequest.Change(old, tree.commit, ref)], pack: tree.pack)
        request.capabilities = "report-status side-band-64k agent=granary-tests object-format=sha1"
        return try await push(request.bytes, of: address, by: actor)
    }

    /// What the server says when a ref is to be deleted.
    func deletion(_ ref: String, at old: String, of address: RepositoryAddress, by actor: Actor) async throws -> String
    {
        let request = PushRequest([PushRequest.Change(old, World.zero, ref)], pack: [])
        return try await push(request.bytes, of: address, by: actor)
    }

    /// Deletes a ref.
    func deleteRef(_ ref: String, at old: String, of address: RepositoryAddress, by actor: Actor) async throws {
        let report = try await deletion(ref, at: old, of: address, by: actor)
        #expect(report.contains("ok \(ref)"), "\(report)")
    }

    private func push(_ bytes: [UInt8], of address: RepositoryAddress, by actor: Actor) async throws -> String {
        let session = try await hub.git.open(
            address,
            service: .receivePack,
            actor: actor,
            requestID: "test",
            followsRename: false
        )
        let output = GatheredOutput()
        try await session.serve(version: .v0, input: Pieces(bytes), to: output)
        return output.text
    }
}
