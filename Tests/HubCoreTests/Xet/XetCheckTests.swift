import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing
import Xet

/// Xorbs that the store has lost or spoilt: the files that are made of them are found, and can be sent again.
@Suite struct XetCheckTests {
    @Test func lostXorbsAreFoundAndMended() async throws {
        let scene = try await XetScene()
        try await scene.world.register([scene.file], [scene.xorb], by: scene.caller)
        let object = try #require(try await scene.world.objects.list(after: nil, limit: 1).first)
        _ = try await scene.world.objects.delete(object.key)
        let found = try await scene.world.lfs.fsck(bytesPerSecond: nil, repair: false, by: .operator)
        #expect(found.findings.map(\.problem) == [.missing])
        #expect(found.findings.flatMap(\.repositories) == [scene.address])
        // Only looked at: still nobody is told to send it again.
        #expect(try await !scene.world.send(scene.xorb, by: scene.caller))
        _ = try await scene.world.lfs.fsck(bytesPerSecond: nil, repair: true, by: .operator)
        await expectRefusal(404) { _ = try await scene.world.assemble(scene.file.hash, by: scene.caller) }
        #expect(try await scene.world.lfs.usage(of: scene.address, by: scene.ada).objects == 0)
        try await scene.world.register([scene.file], [scene.xorb], by: scene.caller)
        #expect(try await scene.world.assemble(scene.file.hash, by: scene.caller) == scene.file.content)
        let again = try await scene.world.lfs.fsck(bytesPerSecond: nil, repair: false, by: .operator)
        #expect(again.findings.isEmpty)
    }
}
