import Testing
import Xet

/// A file of random terms over some xorbs, and which chunk every raw byte comes from.
private struct RandomFile {
    var indexes: [XetHash: XorbIndex] = [:]
    var terms: [FileTerm] = []
    /// Term, chunk and place in the term of each byte.
    var bytes: [(term: Int, chunk: Int, place: Int)] = []

    init(_ numbers: inout SeededNumbers) throws {
        for xorb in 1...3 {
            var index = XorbIndex()
            for chunk in 0..<Int.random(in: 1...9, using: &numbers) {
                let hash = XetHash(words: SIMD4(UInt64(xorb), UInt64(chunk), 0, 0))
                let raw = Int.random(in: 1...12, using: &numbers)
                try index.append(hash, rawLength: raw, serializedLength: raw + 8)
            }
            indexes[XetHash(words: SIMD4(UInt64(xorb), 0, 0, 9))] = index
        }
        let xorbs = indexes.sorted { $0.key < $1.key }
        for number in 0..<Int.random(in: 1...6, using: &numbers) {
            let (hash, index) = try #require(xorbs.randomElement(using: &numbers))
            let start = Int.random(in: 0..<index.count, using: &numbers)
            let chunks = start..<Int.random(in: (start + 1)...index.count, using: &numbers)
            let length = try #require(index.rawLength(of: chunks))
            terms.append(try #require(FileTerm(xorb: hash, chunks: chunks, rawLength: length)))
            var place = 0
            for chunk in chunks {
                for _ in 0..<(index.rawLength(of: chunk..<(chunk + 1)) ?? 0) {
                    bytes.append((number, chunk, place))
                    place += 1
                }
            }
        }
    }
}

struct ReconstructionPlanTests {
    @Test
    func agreesWithCountingByteByByte() throws {
        var numbers = SeededNumbers(60)
        for _ in 0..<400 {
            let file = try RandomFile(&numbers)
            let size = file.bytes.count
            for _ in 0..<20 {
                let start = Int.random(in: 0..<size, using: &numbers)
                let end = Int.random(in: (start + 1)...(size + 20), using: &numbers)
                try check(file, start, end)
            }
            try check(file, 0, size)
        }
    }

    private func check(_ file: RandomFile, _ start: Int, _ end: Int) throws {
        let selection = try #require(TermSelection(of: file.terms, in: UInt64(start)..<UInt64(end)))
        let plan = try ReconstructionPlan(selection, indexes: file.indexes)
        let wanted = file.bytes[start..<min(end, file.bytes.count)]
        let numbers = Set(wanted.map(\.term)).sorted()
        #expect(plan.length == wanted.count)
        #expect(plan.terms.count == numbers.count)
        for (term, number) in zip(plan.terms, numbers) {
            let chunks = wanted.filter { $0.term == number }.map(\.chunk)
            #expect(term.chunks == (chunks.min() ?? 0)..<((chunks.max() ?? 0) + 1))
            #expect(term.xorb == file.terms[number].xorb)
            let all = file.bytes.filter { $0.term == number && term.chunks.contains($0.chunk) }
            #expect(term.rawLength == all.count)
            if number == numbers.first {
                #expect(plan.offsetIntoFirstRange == (wanted.first?.place ?? 0) - (all.first?.place ?? 0))
            }
            #expect(term.storedBytes == file.indexes[term.xorb]?.storedBytes(of: term.chunks))
        }
        try checkFetches(plan, file)
    }

    private func checkFetches(_ plan: ReconstructionPlan, _ file: RandomFile) throws {
        var seen: [XetHash] = []
        for term in plan.terms where !seen.contains(term.xorb) { seen.append(term.xorb) }
        #expect(plan.fetches.map(\.xorb) == seen)
        for fetch in plan.fetches {
            let terms = plan.terms.filter { $0.xorb == fetch.xorb }
            for term in terms {
                let holders = fetch.ranges.filter {
                    $0.chunks.lowerBound <= term.chunks.lowerBound && term.chunks.upperBound <= $0.chunks.upperBound
                }
                #expect(holders.count == 1)
            }
            #expect(Set(fetch.ranges.flatMap(\.chunks)) == Set(terms.flatMap(\.chunks)))
            for (left, right) in zip(fetch.ranges, fetch.ranges.dropFirst()) {
                #expect(left.chunks.upperBound < right.chunks.lowerBound)
            }
            for range in fetch.ranges {
                #expect(range.storedBytes == file.indexes[fetch.xorb]?.storedBytes(of: range.chunks))
            }
        }
    }

    @Test
    func knowsTheEndOfTheFile() throws {
        let term = try #require(FileTerm(xorb: .zero, chunks: 0..<1, rawLength: 10))
        #expect(TermSelection(of: [term], in: 9..<UInt64.max)?.length == 1)
        #expect(TermSelection(of: [term], in: 10..<20) == nil)
        #expect(TermSelection(of: [term], in: UInt64.max..<UInt64.max) == nil)
        #expect(TermSelection(of: [term], in: 3..<3) == nil)
        #expect(TermSelection(of: [], in: 0..<1) == nil)
    }

    @Test
    func refusesTermsThatXorbsDoNotHave() throws {
        var index = XorbIndex()
        try index.append(.zero, rawLength: 10, serializedLength: 18)
        func refusal(_ chunks: Range<Int>, _ length: Int, _ indexes: [XetHash: XorbIndex]) throws
            -> ReconstructionError?
        {
            let term = try #require(FileTerm(xorb: .zero, chunks: chunks, rawLength: length))
            let selection = try #require(TermSelection(of: [term], in: 0..<1))
            do throws(ReconstructionError) {
                _ = try ReconstructionPlan(selection, indexes: indexes)
                return nil
            } catch { return error }
        }
        #expect(try refusal(0..<1, 10, [.zero: index]) == nil)
        #expect(try refusal(0..<1, 10, [:]) == .unknownXorb(.zero))
        #expect(try refusal(0..<2, 10, [.zero: index]) == .termMismatch(.zero))
        #expect(try refusal(0..<1, 11, [.zero: index]) == .termMismatch(.zero))
        #expect(try refusal(7..<9, 10, [.zero: index]) == .termMismatch(.zero))
    }
}

struct FileTermTests {
    @Test
    func packsFortyFourBytesForEachTerm() throws {
        var numbers = SeededNumbers(61)
        let terms = try (0..<50).flatMap { _ in try RandomFile(&numbers).terms }
        let packed = FileTerm.packed(terms)
        #expect(packed.count == 1 + 44 * terms.count)
        #expect(try FileTerm.unpacked(packed) == terms)
        #expect(try FileTerm.unpacked(FileTerm.packed([])).isEmpty)
        for damaged: [UInt8] in [[], [9], Array(packed.dropLast()), packed + [0]] {
            #expect(throws: ReconstructionError.malformedTerms) { try FileTerm.unpacked(damaged) }
        }
        for _ in 0..<2000 {
            var damaged = packed
            damaged[Int.random(in: 0..<damaged.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            if let terms = try? FileTerm.unpacked(damaged) { #expect(FileTerm.packed(terms) == damaged) }
        }
    }

    @Test
    func refusesNothingAndTooMuch() {
        #expect(FileTerm(xorb: .zero, chunks: 1..<1, rawLength: 1) == nil)
        #expect(FileTerm(xorb: .zero, chunks: -1..<1, rawLength: 1) == nil)
        #expect(FileTerm(xorb: .zero, chunks: 0..<1, rawLength: 0) == nil)
        #expect(FileTerm(xorb: .zero, chunks: 0..<(1 << 32), rawLength: 1) == nil)
        #expect(FileTerm(xorb: .zero, chunks: 0..<1, rawLength: 1 << 32) == nil)
    }
}
