import Access
import HubCore
import LFS
import Metadata
import Testing
import Xet

/// A shard of so many files that they are not written at once.
@Suite struct XetManyFilesTests {
    @Test func allAreRegisteredAndCounted() async throws {
        let scene = try await XetScene()
        let xorb = try CraftedXorb(storing: (0..<2_100).map { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8), 7] })
        let files = try (0..<2_100).map { try CraftedFile([(xorb, $0..<$0 + 1)]) }
        // Just enough: xorbs of files that are written later do not count beside the first ones.
        try await scene.world.lfs.setQuota(of: scene.address, bytes: 2_100 * 11, by: .operator)
        try await scene.world.send(xorb, by: scene.caller)
        try await scene.world.lfs.setQuota(of: scene.address, bytes: 2_100 * 3, by: .operator)
        try await scene.world.xet.register(try UploadShard(files, [xorb]), by: scene.caller)
        #expect(try await scene.world.lfs.usage(of: scene.address, by: scene.ada).objects == 2_100)
        for index in [0, 1_999, 2_000, 2_099] {
            let bytes = try await scene.world.assemble(files[index].hash, by: scene.caller)
            #expect(bytes == files[index].content)
        }
    }
}
