import GitCore
import NIOCore
import Testing

/// Feeds the parsers random bytes and damaged conversations: they may refuse them, and nothing else may happen.
///
/// The generator is seeded, so a failure repeats. Each test stops after two seconds at the latest.
struct ProtocolFuzzTests {
    private let time = Duration.seconds(2)

    @Test
    func pktLinesDoNotDependOnHowTheyAreCut() throws {
        try repeated(seed: 1) { random in
            let bytes = random.stream()
            #expect(decode([bytes]) == decode(random.pieces(of: bytes)))
        }
    }

    @Test
    func capabilityLists() throws {
        try repeated(seed: 2) { random in
            let bytes = random.mutated(
                Array("multi_ack side-band-64k agent=git/2.39.5 symref=HEAD:refs/heads/main filter".utf8)
            )
            guard let list = try? Capabilities(parsing: bytes) else { return }
            #expect(list.items.count <= Capabilities.maximumItems)
            #expect(list.items.allSatisfy { !$0.name.isEmpty })
        }
    }

    @Test
    func refNamesFiltersAndPatterns() throws {
        try repeated(seed: 3) { (random: inout FuzzGenerator) throws in
            let bytes = random.mutated(Array("refs/heads/release/1.0-é".utf8))
            if let name = try? RefName(validating: bytes) {
                #expect(name.bytes == bytes)
                #expect(throws: Never.self) { try RefName(lenient: bytes) }
            }
            let filter = random.mutated(
                Array("combine:tree%3a3+combine:blob:limit=1k%2bblob:none+object:type=tag".utf8)
            )
            if let filter = try? ObjectFilter(parsing: filter) {
                #expect(try ObjectFilter(parsing: filter.description.utf8) == filter)
            }
            let text = random.mutated(Array("release/**/x*y".utf8))
            _ = try? RefNamePattern(parsing: String(decoding: text, as: UTF8.self))
        }
    }

    @Test
    func version2Requests() throws {
        let seeds = try clientBytes("upload-pack-v2-")
        try repeated(seed: 4) { random in
            try checkCuts(random: &random, seeds: seeds, parser: V2RequestParser(limits: .standard)) { parser, packet in
                try parser.receive(packet)
            }
        }
    }

    @Test
    func uploadRequests() throws {
        let seeds = try clientBytes("upload-pack-v0-")
        try repeated(seed: 5) { random in
            try checkCuts(random: &random, seeds: seeds, parser: UploadRequestParser(limits: .standard)) {
                parser,
                packet in
                _ = try? HaveLine(reading: packet)
                return try parser.receive(packet)
            }
        }
    }

    @Test
    func receiveRequests() throws {
        let seeds = try clientBytes("receive-pack-")
        try repeated(seed: 6) { random in
            try checkCuts(random: &random, seeds: seeds, parser: ReceiveRequestParser(limits: .standard)) {
                parser,
                packet in
                try parser.receive(packet)
            }
        }
    }

    private func repeated(seed: UInt64, _ body: (inout FuzzGenerator) throws -> Void) throws {
        var random = FuzzGenerator(seed: seed)
        let end = ContinuousClock().now.advanced(by: time)
        for _ in 0..<20_000 where ContinuousClock().now < end { try body(&random) }
    }

    /// A damaged conversation gives the same events whole and in pieces.
    private func checkCuts<Parser: Sendable, Progress: Equatable>(
        random: inout FuzzGenerator,
        seeds: [[UInt8]],
        parser: Parser,
        _ receive: (inout Parser, PktLine) throws -> Progress
    ) throws {
        let bytes = random.mutated(seeds[random.below(seeds.count)])
        let whole = events(of: [bytes], parser, receive)
        let cut = events(of: random.pieces(of: bytes), parser, receive)
        #expect(whole.0 == cut.0)
        #expect(whole.1 == cut.1)
    }

    private func events<Parser, Progress>(
        of pieces: [[UInt8]],
        _ parser: Parser,
        _ receive: (inout Parser, PktLine) throws -> Progress
    ) -> ([Progress], String) {
        var parser = parser
        var decoder = PktLineDecoder()
        var progress: [Progress] = []
        for piece in pieces {
            decoder.append(ByteBuffer(bytes: piece))
            do {
                while let packet = try decoder.next() { progress.append(try receive(&parser, packet)) }
            } catch {
                return (progress, "\(error)")
            }
        }
        return (progress, "")
    }

    private func decode(_ pieces: [[UInt8]]) -> [String] {
        var decoder = PktLineDecoder()
        var lines: [String] = []
        for piece in pieces {
            decoder.append(ByteBuffer(bytes: piece))
            do {
                while let packet = try decoder.next() { lines.append("\(packet)") }
            } catch {
                return lines + ["\(error)"]
            }
        }
        return lines + [String(buffer: decoder.leftover)]
    }

    /// What clients sent in the recordings, framed again.
    private func clientBytes(_ prefix: String) throws -> [[UInt8]] {
        try WireConversation.all(prefix).flatMap(\.requests).map { request in
            var buffer = ByteBuffer()
            for line in request where line.isFromClient {
                switch line.packet {
                case .flush: buffer.writeFlushPkt()
                case .delim: buffer.writeDelimPkt()
                case .responseEnd: continue
                case .data(let payload): buffer.writePktLine(bytes: payload.readableBytesView)
                }
            }
            return Array(buffer.readableBytesView)
        }
    }
}
