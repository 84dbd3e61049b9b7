import GitCore
import GranaryTesting
import Testing

@Suite struct EWAHBitmapTests {
    private static func set(_ random: inout SeededRandom) -> Bitset {
        let bound = random.below(3) == 0 ? random.below(4) * 64 : random.below(2_000)
        var set = Bitset(bound: bound)
        var place = 0
        while place < bound {
            let run = random.below(400)
            if random.below(2) == 0 { for number in place..<(place + run) { set.insert(number) } }
            place += run
            for _ in 0..<random.below(20) {
                if random.below(2) == 0 { set.insert(place) }
                place += 1
            }
        }
        return set
    }

    @Test func readsWhatItWrites() throws {
        var random = SeededRandom(1)
        for _ in 0..<500 {
            let set = Self.set(&random)
            let bytes = EWAHBitmap.encode(set)
            try bytes.withUnsafeBytes { bytes in
                let bitmap = try EWAHBitmap(in: bytes, at: 0)
                #expect(bitmap.byteCount == bytes.count)
                var read = Bitset(bound: set.bound)
                try bitmap.toggle(in: &read)
                #expect(read == set)
                try bitmap.toggle(in: &read)
                #expect(read.isEmpty)
            }
        }
    }

    @Test func refusesDamageWithAnError() {
        var random = SeededRandom(2)
        var refused = 0
        for _ in 0..<4_000 {
            let set = Self.set(&random)
            let bytes = random.mutation(of: EWAHBitmap.encode(set), spice: [0, 0xff, 0x80, 1])
            bytes.withUnsafeBytes { bytes in
                var read = Bitset(bound: set.bound)
                do throws(ReachabilityError) {
                    try EWAHBitmap(in: bytes, at: 0).toggle(in: &read)
                } catch {
                    refused += 1
                }
                #expect(read.words.count == set.words.count)
            }
        }
        #expect(refused > 500)
    }

    @Test func combinesLikeSets() {
        var random = SeededRandom(3)
        for _ in 0..<200 {
            let bound = random.below(300)
            var (left, right) = (Bitset(bound: bound), Bitset(bound: bound))
            var (leftSet, rightSet) = (Set<Int>(), Set<Int>())
            for _ in 0..<random.below(200) {
                let (one, other) = (random.below(320), random.below(320))
                #expect(left.insert(one) == (one < bound && leftSet.insert(one).inserted))
                right.insert(other)
                if other < bound { rightSet.insert(other) }
            }
            func members(_ set: Bitset) -> [Int] {
                var members: [Int] = []
                set.forEach { members.append($0) }
                return members
            }
            var (union, difference, common, either) = (left, left, left, left)
            union.formUnion(right)
            difference.subtract(right)
            common.formIntersection(right)
            either.formSymmetricDifference(right)
            #expect(members(union) == leftSet.union(rightSet).sorted())
            #expect(members(difference) == leftSet.subtracting(rightSet).sorted())
            #expect(members(common) == leftSet.intersection(rightSet).sorted())
            #expect(members(either) == leftSet.symmetricDifference(rightSet).sorted())
            #expect(union.count == leftSet.union(rightSet).count)
            let start = random.below(320)
            #expect(left.first(from: start) == leftSet.filter { $0 >= start }.min())
            #expect(left.firstGap(from: start) == (0..<bound).first { $0 >= start && !leftSet.contains($0) })
        }
    }
}
