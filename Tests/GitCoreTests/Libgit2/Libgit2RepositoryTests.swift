import GitCore
import GranaryTesting
import Testing

/// libgit2 over objects of ours says what stock git says.
@Suite struct Libgit2RepositoryTests {
    @Test(arguments: [UInt64(11), 12]) func comparesLikeGit(seed: UInt64) async throws {
        let workshop = try await MaintenanceWorkshop(seed: seed, pushes: 3)
        let libgit2 = try Libgit2Repository(ObjectReader(try workshop.repository.packs.current()))
        let history = workshop.history
        var random = SeededRandom(seed)
        for _ in 0..<15 {
            let one = try #require(workshop.commits.randomElement(using: &random))
            let other = try #require(workshop.commits.randomElement(using: &random))
            let bases = try? await history.oids(["merge-base", "--all", one.hex, other.hex])
            let base = try libgit2.mergeBase(one, other)
            #expect(base.map { bases?.contains($0) == true } ?? (bases?.isEmpty ?? true), "\(one) \(other)")
            let limits = PatchLimits(files: 1_000, fileBytes: 1 << 20, bytes: 8 << 20)
            let raw = try await history.git(["diff", "--raw", "--no-abbrev", "--no-renames", one.hex, other.hex])
            #expect(try libgit2.rawChanges(from: one, to: other, limits) == String(decoding: raw, as: UTF8.self))
            let patch = try await history.git(["diff", "--no-renames", "--stat=200", one.hex, other.hex])
            let files = String(decoding: patch, as: UTF8.self).split(separator: "\n").count - 1
            let ours = try libgit2.patch(from: one, to: other, limits)
            #expect(ours.split(separator: "\n").count { $0.hasPrefix("diff --git ") } == max(0, files))
        }
    }

    @Test func saysWhatIsMissing() async throws {
        let workshop = try await MaintenanceWorkshop(seed: 13, pushes: 1)
        let libgit2 = try Libgit2Repository(ObjectReader(try workshop.repository.packs.current()))
        let error = #expect(throws: Libgit2Error.self) { try libgit2.commit(.zero) }
        #expect(error?.isNotFound == true)
    }
}
