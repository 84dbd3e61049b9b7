import Access
import HubCore
import LFS
import Metadata
import Testing

@Suite struct LFSQuotaTests {
    private static func world() async throws -> (World, RepositoryAddress, Actor) {
        let world = try await World.withKey()
        let ada = try await world.user("ada")
        let address = try await world.create("model/ada/tiny", by: ada).address
        return (world, address, ada)
    }

    @Test func eightClientsTogetherStayWithinTheQuota() async throws {
        let (world, address, ada) = try await Self.world()
        try await world.lfs.setQuota(of: address, bytes: 3_500, by: .operator)
        let blobs = try (0..<8).map { try Blob([UInt8](repeating: UInt8($0), count: 1_000)) }
        let stored = try await withThrowingTaskGroup(of: Bool.self) { group in
            for blob in blobs {
                group.addTask {
                    let outcome = try await world.outcome(.upload, blob.object, at: address, by: ada)
                    guard case .upload(let put, _) = outcome else {
                        #expect(outcome.code == 507)
                        return false
                    }
                    _ = try await world.lfs.upload(
                        try await world.lfs.admit(try World.signed(put)),
                        contentLength: nil,
                        bytes: Pieces(blob.bytes)
                    )
                    return true
                }
            }
            return try await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(stored == 3)
        #expect(try await world.lfs.usage(of: address, by: ada) == LFSUsage(objects: 3, bytes: 3_000, quota: 3_500))
    }

    @Test func saysWhatIsUsedAskedAndAllowed() async throws {
        let (world, address, ada) = try await Self.world()
        try await world.upload(try Blob("0123456789"), to: address, by: ada)
        try await world.lfs.setQuota(of: address, bytes: 15, by: .operator)
        let outcome = try await world.outcome(.upload, try Blob("abcdefgh").object, at: address, by: ada)
        guard case .error(507, let message) = outcome else { throw LFSFailure(status: 500, "\(outcome)") }
        for number in ["10 bytes", "8 more", "15 are allowed"] { #expect(message.contains(number), "\(message)") }
    }

    @Test func aNamespacesQuotaCoversAllItsRepositories() async throws {
        let (world, address, ada) = try await Self.world()
        let other = try await world.create("dataset/ada/birds", by: ada).address
        try await world.lfs.setQuota(ofNamespace: "ada", bytes: 15, by: .operator)
        try await world.upload(try Blob("0123456789"), to: address, by: ada)
        #expect(try await world.outcome(.upload, try Blob("abcdefgh").object, at: other, by: ada).code == 507)
        try await world.upload(try Blob("abc"), to: other, by: ada)
        let usage = try await world.lfs.usage(ofNamespace: "ada", by: ada)
        #expect(usage == LFSUsage(objects: 2, bytes: 13, quota: 15))
    }

    @Test func aReservationEndsWithItsTime() async throws {
        let (world, address, ada) = try await Self.world()
        try await world.lfs.setQuota(of: address, bytes: 15, by: .operator)
        guard
            case .upload(let put, _) = try await world.outcome(
                .upload,
                try Blob("0123456789").object,
                at: address,
                by: ada
            )
        else { throw LFSFailure(status: 500, "no action") }
        let late = try await world.lfs.admit(try World.signed(put))
        #expect(try await world.outcome(.upload, try Blob("abcdefgh").object, at: address, by: ada).code == 507)
        world.clock.advance(seconds: 100_000)
        try await world.upload(try Blob("abcdefgh"), to: address, by: ada)
        await expectStatus(507) {
            _ = try await world.lfs.upload(late, contentLength: nil, bytes: Pieces(try Blob("0123456789").bytes))
        }
    }

    @Test func onlyAdministratorsOfTheHubSetQuotas() async throws {
        let (world, address, ada) = try await Self.world()
        await expectError(.forbidden) { try await world.lfs.setQuota(of: address, bytes: 1, by: ada) }
        await expectError(.forbidden) { try await world.lfs.setQuota(ofNamespace: "ada", bytes: 1, by: ada) }
        await expectError(.invalid) { try await world.lfs.setQuota(of: address, bytes: -1, by: .operator) }
        await expectError(.notFound) { try await world.lfs.setQuota(ofNamespace: "eve", bytes: 1, by: .operator) }
    }
}
