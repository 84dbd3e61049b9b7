import Foundation
import Testing
import Xet

struct LZ4FrameTests {
    struct Frames: Decodable {
        struct Frame: Decodable { let name, expect, frame: String }
        let cases: [Frame]
    }

    private let content = Array(
        (0..<6000).map { "line \($0 * $0 % 97) of the text, " }.joined().utf8.prefix(100_000)
    )

    private func decode(_ frame: [UInt8], length: Int, with decoder: LZ4FrameDecoder) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: length)
        try frame.withUnsafeBytes { input in
            try output.withUnsafeMutableBytes { try decoder.decode(input, into: $0) }
        }
        return output
    }

    @Test
    func decodesWhatFramesMayBeAndRefusesTheRest() throws {
        let errors: [String: LZ4FrameError] = [
            "damaged": .damaged, "trailingBytes": .trailingBytes, "notAFrame": .notAFrame,
            "wrongLength": .wrongLength, "needsDictionary": .needsDictionary,
        ]
        let decoder = try LZ4FrameDecoder()
        for example in try JSONDecoder().decode(Frames.self, from: fixture("lz4.json")).cases {
            let frame = try bytes(hex: example.frame)
            if example.expect == "content" {
                #expect(try decode(frame, length: 100_000, with: decoder) == content, "\(example.name)")
            } else {
                let error = try #require(errors[example.expect])
                #expect(throws: error, "\(example.name)") { try decode(frame, length: 100_000, with: decoder) }
            }
        }
    }

    @Test
    func decodesWhatItEncodes() throws {
        let decoder = try LZ4FrameDecoder()
        var numbers = SeededNumbers(7)
        for length in [1, 2, 15, 64, 1000, 65_535, 65_536, 65_537, 100_000] {
            for plain in [Array(content.prefix(length)), numbers.bytes(length)] {
                var frame = [UInt8](repeating: 0, count: LZ4FrameEncoder.bound(of: length))
                let count = plain.withUnsafeBytes { input in
                    frame.withUnsafeMutableBytes { LZ4FrameEncoder.encode(input, into: $0) }
                }
                frame.removeLast(frame.count - (try #require(count)))
                #expect(try decode(frame, length: length, with: decoder) == plain)
                #expect(Array(frame[..<6]) == [4, 0x22, 0x4d, 0x18, 0x60, length > 65_536 ? 0x50 : 0x40])
            }
        }
    }

    @Test
    func neverWritesBehindTheOutput() throws {
        let decoder = try LZ4FrameDecoder()
        var numbers = SeededNumbers(8)
        let frames = try JSONDecoder().decode(Frames.self, from: fixture("lz4.json")).cases.map {
            try bytes(hex: $0.frame)
        }
        for round in 0..<4000 {
            var frame = frames[round % frames.count]
            for _ in 0..<Int.random(in: 0...3, using: &numbers) where !frame.isEmpty {
                frame[Int.random(in: 0..<frame.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            let length = Int.random(in: 0...120_000, using: &numbers)
            var output = [UInt8](repeating: 0xa5, count: length + 64)
            frame.withUnsafeBytes { input in
                output.withUnsafeMutableBytes { all in
                    let target = UnsafeMutableRawBufferPointer(rebasing: all[..<length])
                    try? decoder.decode(input, into: target)
                }
            }
            #expect(output[length...].allSatisfy { $0 == 0xa5 })
            // What an aborted frame has left in the decoder would show in the next one.
            #expect(try decode(frames[0], length: 100_000, with: decoder) == content)
        }
    }
}

struct ByteGroupingTests {
    private func group(_ plain: [UInt8]) -> [UInt8] {
        var grouped = plain
        plain.withUnsafeBytes { input in grouped.withUnsafeMutableBytes { ByteGrouping.group(input, into: $0) } }
        return grouped
    }

    private func ungroup(_ grouped: [UInt8]) -> [UInt8] {
        var plain = grouped
        grouped.withUnsafeBytes { input in plain.withUnsafeMutableBytes { ByteGrouping.ungroup(input, into: $0) } }
        return plain
    }

    @Test
    func groupsAsClientsDo() throws {
        let vector = try Vectors.all.get().bg4
        #expect(try group(bytes(hex: vector.plain)) == bytes(hex: vector.grouped))
        #expect(try ungroup(bytes(hex: vector.grouped)) == bytes(hex: vector.plain))
    }

    @Test
    func groupsAllLengths() {
        var numbers = SeededNumbers(6)
        for length in Array(0...140) + [1000, 1001, 65_537, 131_072] {
            let plain = numbers.bytes(length)
            let expected = (0..<4).flatMap { offset in stride(from: offset, to: length, by: 4).map { plain[$0] } }
            #expect(group(plain) == expected)
            #expect(ungroup(expected) == plain)
        }
    }
}
