import GitCore
import NIOCore
import Testing

struct PktLenTests {
    @Test(arguments: [
        ("0000", PktLen.flush), ("0001", .delim), ("0002", .responseEnd), ("0004", .data(count: 0)),
        ("000a", .data(count: 6)), ("000A", .data(count: 6)), ("fff0", .data(count: 65_516)),
    ])
    func readsEveryMeaning(_ digits: String, _ meaning: PktLen) throws {
        #expect(try PktLen(reading: Array(digits.utf8)) == meaning)
    }

    @Test(arguments: ["0003", "fff1", "ffff"])
    func refusesLengthsWithoutMeaning(_ digits: String) {
        #expect(throws: PktLineError.outOfRange(Int(digits, radix: 16) ?? 0)) {
            try PktLen(reading: Array(digits.utf8))
        }
    }

    @Test(arguments: ["", "000", "00000", "+004", "-001", "0x04", " 004", "00g0", "\u{ff11}0"])
    func refusesWhatIsNotFourHexadecimalDigits(_ digits: String) {
        #expect(throws: PktLineError.notHexadecimal(Array(digits.utf8))) { try PktLen(reading: Array(digits.utf8)) }
    }
}

struct PktLineDecoderTests {
    @Test
    func decodesPacketsAndLeavesTheRest() throws {
        var decoder = PktLineDecoder()
        decoder.append(ByteBuffer(string: "0006a\n00040000000100020009hello"))
        decoder.append(ByteBuffer(string: "PACK"))
        #expect(try decoder.next() == .data(ByteBuffer(string: "a\n")))
        #expect(try decoder.next() == .data(ByteBuffer()))
        #expect(try decoder.next() == .flush)
        #expect(try decoder.next() == .delim)
        #expect(try decoder.next() == .responseEnd)
        #expect(try decoder.next() == .data(ByteBuffer(string: "hello")))
        #expect(decoder.leftover == ByteBuffer(string: "PACK"))
        #expect(decoder.takeLeftover() == ByteBuffer(string: "PACK"))
        #expect(decoder.leftover.readableBytes == 0)
    }

    @Test
    func waitsForTheWholePacket() throws {
        var decoder = PktLineDecoder()
        for byte in "000ahello" {
            decoder.append(ByteBuffer(string: String(byte)))
            #expect(try decoder.next() == nil)
        }
        decoder.append(ByteBuffer(string: "\n00"))
        #expect(try decoder.next() == .data(ByteBuffer(string: "hello\n")))
        #expect(try decoder.next() == nil)
    }

    @Test
    func keepsThrowingAfterAnError() {
        var decoder = PktLineDecoder()
        decoder.append(ByteBuffer(string: "GET / HTTP/1.1"))
        for _ in 0..<2 {
            #expect(throws: PktLineError.notHexadecimal(Array("GET ".utf8))) { try decoder.next() }
        }
    }

    @Test
    func decodesManyPacketsInManyPiecesQuickly() throws {
        var stream = ByteBuffer()
        for _ in 0..<50_000 { stream.writePktLine("have 0123456789012345678901234567890123456789") }
        var decoder = PktLineDecoder()
        var count = 0
        while let piece = stream.readSlice(length: min(1_000, stream.readableBytes)), piece.readableBytes > 0 {
            decoder.append(piece)
            while try decoder.next() != nil { count += 1 }
        }
        #expect(count == 50_000)
    }
}

struct PktLineWritingTests {
    @Test
    func addsTheLineFeedOnce() {
        var buffer = ByteBuffer()
        buffer.writePktLine("NAK")
        buffer.writePktLine("NAK\n")
        buffer.writePktLine(bytes: Array("NAK".utf8))
        buffer.writeDelimPkt()
        buffer.writeFlushPkt()
        #expect(String(buffer: buffer) == "0008NAK\n0008NAK\n0007NAK00010000")
    }

    @Test
    func cutsWhatNoPacketCanCarry() throws {
        var buffer = ByteBuffer(string: "x")
        buffer.writePktLine(String(repeating: "a", count: 70_000))
        #expect(buffer.readableBytes == 1 + 65_520)
        #expect(buffer.getString(at: 0, length: 6) == "xfff0a")
    }

    @Test
    func errorsAreOneBoundedLineWithoutControlBytes() {
        var buffer = ByteBuffer()
        buffer.writeErrorPkt("bad\u{1b}[31m ref\n\u{9b}x\u{7f}")
        #expect(String(buffer: buffer) == "0016ERR bad[31m ref x\n")
        buffer.clear()
        buffer.writeErrorPkt(String(repeating: "é", count: 1_000))
        #expect(buffer.readableBytes == 4 + 4 + 512 + 1)
    }

    private static let packets: [(SideBandLimit, Int, [Int])] = [
        (SideBandLimit.none, 3_000, [3_000]), (.small, 3_000, [1_000, 1_000, 1_000, 20]), (.large, 65_515, [65_520]),
        (.large, 65_516, [65_520, 6]), (.large, 0, []),
    ]

    @Test(arguments: packets)
    func splitsSideBandDataIntoPackets(_ limit: SideBandLimit, _ count: Int, _ packets: [Int]) {
        var buffer = ByteBuffer()
        buffer.writeSideBand(.data, [UInt8](repeating: UInt8(ascii: "p"), count: count), limit: limit)
        var lengths: [Int] = []
        while buffer.readableBytes > 0 {
            let length =
                limit == .none ? count : Int(buffer.getString(at: buffer.readerIndex, length: 4) ?? "", radix: 16)
            lengths.append(length ?? 0)
            buffer.moveReaderIndex(forwardBy: min(buffer.readableBytes, max(1, length ?? 0)))
        }
        #expect(lengths == packets)
    }

    @Test
    func bandsOtherThanDataNeedASideBand() {
        var buffer = ByteBuffer()
        buffer.writeSideBand(.progress, text: "hello\n", limit: .none)
        buffer.writeKeepalive(limit: .none)
        #expect(buffer.readableBytes == 0)
        buffer.writeSideBand(.progress, text: "he\u{7}llo\n", limit: .large)
        buffer.writeKeepalive(limit: .large)
        #expect(String(buffer: buffer) == "000b\u{2}hello\n0005\u{2}")
    }

    @Test(arguments: [
        ("plain\n", "plain\n"), ("a\tb\r\n", "a b\n"), ("\u{1b}]0;title\u{7}", "]0;title"),
        ("\u{85}\u{9b}31mü\u{0}", "31mü"),
    ])
    func sanitizesTextForTerminals(_ text: String, _ clean: String) {
        #expect(Array(text.sanitizedForTerminal.unicodeScalars) == Array(clean.unicodeScalars))
    }
}
