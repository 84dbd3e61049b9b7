import Access
import GranaryTesting
import HubCore
import LFS
import Metadata
import NIOCore
import ObjectStore
import Testing

@Suite struct LFSTransferSessionTests {
    private static func world() async throws -> (World, RepositoryAddress, Actor) {
        let world = try await World.withKey()
        let ada = try await world.user("ada")
        let address = try await world.create("model/ada/tiny", by: ada).address
        return (world, address, ada)
    }

    private static func serve(
        _ world: World,
        _ address: RepositoryAddress,
        _ operation: LFSOperation,
        by actor: Actor,
        _ commands: (inout PktLines) -> Void
    ) async throws -> [String] {
        var lines = PktLines()
        lines.line("version 1\n")
        lines.flush()
        commands(&lines)
        lines.line("quit\n")
        lines.flush()
        let session = try await world.lfs.openTransfer(
            address,
            operation: operation,
            actor: actor,
            requestID: "test",
            followsRename: false
        )
        let output = GatheredOutput()
        try await session.serve(input: Pieces(lines.bytes), to: output)
        return Pkt.parse(Array(output.text.utf8)).map(\.text)
    }

    @Test func bringsBytesThereAndBack() async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob("some large file")
        let up = try await Self.serve(world, address, .upload, by: ada) { lines in
            lines.line("batch\n")
            lines.line("transfer=ssh\n")
            lines.delimiter()
            lines.line("\(blob.oid) 15\n")
            lines.flush()
            lines.line("put-object \(blob.oid)\n")
            lines.line("size=15\n")
            lines.delimiter()
            lines.line(blob.bytes)
            lines.flush()
            lines.line("verify-object \(blob.oid)\n")
            lines.line("size=15\n")
            lines.flush()
        }
        #expect(up.contains("\(blob.oid) 15 upload"), "\(up)")
        #expect(up.count { $0 == "status 200" } == 5, "\(up)")
        let down = try await Self.serve(world, address, .download, by: ada) { lines in
            lines.line("get-object \(blob.oid)\n")
            lines.flush()
        }
        #expect(down.contains("some large file"), "\(down)")
    }

    @Test func whatBelongsElsewhereIsNotThere() async throws {
        let (world, address, ada) = try await Self.world()
        let bob = try await world.user("bob")
        let own = try await world.create("model/bob/own", by: bob).address
        let blob = try Blob("some large file")
        try await world.upload(blob, to: address, by: ada)
        let down = try await Self.serve(world, own, .download, by: bob) { lines in
            lines.line("get-object \(blob.oid)\n")
            lines.flush()
        }
        #expect(down.contains("status 404"), "\(down)")
        let up = try await Self.serve(world, own, .upload, by: bob) { lines in
            lines.line("verify-object \(blob.oid)\n")
            lines.line("size=15\n")
            lines.flush()
        }
        #expect(up.contains("status 404"), "\(up)")
        await expectError(.notFound) {
            _ = try await Self.serve(world, address, .download, by: bob) { _ in }
        }
    }

    /// Refused before the bytes are stored, so that nothing of them stays.
    @Test func theQuotaIsLookedAtBeforeTheBytes() async throws {
        let (world, address, ada) = try await Self.world()
        try await world.lfs.setQuota(of: address, bytes: 20, by: .operator)
        let blobs = try (0..<2).map { try Blob("some large file\($0)") }
        let said = try await Self.serve(world, address, .upload, by: ada) { lines in
            for blob in blobs {
                lines.line("put-object \(blob.oid)\n")
                lines.line("size=16\n")
                lines.delimiter()
                lines.line(blob.bytes)
                lines.flush()
            }
        }
        #expect(said.count { $0 == "status 507" } == 1, "\(said)")
        #expect(try await world.objects.size(of: blobs[0].oid) == 16)
        #expect(try await world.objects.size(of: blobs[1].oid) == nil)
        #expect(try await !world.objects.restore(blobs[1].oid))
    }

    @Test func rightsAreLookedAtByEachCommand() async throws {
        let (world, address, ada) = try await Self.world()
        _ = try await world.user("bob")
        try await world.repositories.grant(address, userName: "bob", role: .write, by: ada)
        let bob = try await world.hub.metadata.read { try #require(try $0.user(named: "bob")) }
        let actor = Actor.user(UserActor(id: bob.id, name: bob.name, isAdmin: false))
        let session = try await world.lfs.openTransfer(
            address,
            operation: .upload,
            actor: actor,
            requestID: "test",
            followsRename: false
        )
        try await world.repositories.grant(address, userName: "bob", role: .read, by: ada)
        var lines = PktLines()
        for text in ["version 1\n", "lock\n"] {
            lines.line(text)
            if text == "lock\n" { lines.line("path=a\n") }
            lines.flush()
        }
        let output = GatheredOutput()
        try await session.serve(input: Pieces(lines.bytes), to: output)
        #expect(output.text.contains("status 403"), "\(output.text)")
    }

    @Test func locksAndUnlocks() async throws {
        let (world, address, ada) = try await Self.world()
        let said = try await Self.serve(world, address, .upload, by: ada) { lines in
            lines.line("lock\n")
            lines.line("path=a/b.bin\n")
            lines.flush()
            lines.line("list-locks\n")
            lines.flush()
        }
        #expect(said.contains("status 201"), "\(said)")
        #expect(said.contains { $0.hasPrefix("owner ") && $0.hasSuffix(" ours") }, "\(said)")
    }
}
