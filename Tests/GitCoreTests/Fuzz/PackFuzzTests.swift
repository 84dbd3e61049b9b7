import GitCore
import GranaryTesting
import OpenSSLKit
import Testing

/// Damaged packs never trap, and what becomes of a pack does not depend on the pieces in which it comes.
@Suite struct PackFuzzTests {
    private static let seed: UInt64 = 20_260_131
    private static let budget = Duration.seconds(4)

    @Test func judgesDamagedPacksAlikeInAnyPieces() async throws {
        let (_, pack, tip) = try await Workshop.stockPack()
        let workshop = try Workshop()
        var random = FuzzGenerator(seed: Self.seed)
        let end = ContinuousClock.now + Self.budget
        var rounds = 0
        while ContinuousClock.now < end {
            var damaged = damage(pack, &random)
            // With the checksum mended the damage gets as far as it can, and may even be harmless.
            let isMended = rounds.isMultiple(of: 2)
            if isMended { damaged = try mended(damaged) }
            let whole = verdict(on: damaged, piece: .max, tip, workshop)
            let pieces = verdict(on: damaged, piece: 1 + random.below(700), tip, workshop)
            #expect(whole == pieces, "seed \(Self.seed), round \(rounds)")
            if !isMended && damaged != pack { #expect(whole != "accepted", "seed \(Self.seed), round \(rounds)") }
            rounds += 1
        }
        #expect(rounds > 5)
        #expect(try Directories.names(in: workshop.repository.quarantinePath).isEmpty)
    }

    /// Changes, removes, repeats or adds some bytes.
    private func damage(_ pack: [UInt8], _ random: inout FuzzGenerator) -> [UInt8] {
        var damaged = pack
        for _ in 0...random.below(3) {
            let place = random.below(damaged.count - 20)
            switch random.below(5) {
            case 0: damaged[place] ^= 1 << UInt8(random.below(8))
            case 1: damaged.removeSubrange(place..<min(damaged.count, place + 1 + random.below(40)))
            case 2: damaged.insert(contentsOf: random.bytes(1 + random.below(10)), at: place)
            case 3: damaged.insert(contentsOf: damaged[place..<min(damaged.count, place + 60)], at: place)
            default: damaged[random.below(12)] = UInt8(random.below(256))
            }
        }
        return damaged
    }

    private func mended(_ pack: [UInt8]) throws -> [UInt8] {
        let body = Array(pack.dropLast(20))
        let checksum = try SHA1Stream()
        try body.withUnsafeBytes { try checksum.update($0) }
        return body + (try checksum.finalize())
    }

    private func verdict(on pack: [UInt8], piece: Int, _ tip: ObjectID, _ workshop: Workshop) -> String {
        do {
            let quarantine = try workshop.quarantine()
            defer { quarantine.discard() }
            try workshop.receive(pack, piece: piece, into: quarantine, tips: [tip])
            return "accepted"
        } catch let refusal as PackRefusal {
            return "refused: \(refusal.message)"
        } catch {
            return "failed: \(error)"
        }
    }
}
