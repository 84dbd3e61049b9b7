import GitCore
import GranaryTesting
import JSON
import LFS
import NIOCore
import ObjectStore
import Testing

/// Seeded changes of good inputs: nothing may crash, and what is accepted must come back the same.
struct ParserFuzzTests {
    private static let rounds = 4_000

    private func mutate(_ seed: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let position = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, position + Int.random(in: 0...8, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
            case 1: bytes.removeSubrange(position..<end)
            case 2: bytes.insert(contentsOf: bytes[position..<end], at: position)
            default: if position < bytes.count { bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
            }
        }
        return bytes
    }

    @Test func documents() throws {
        var random = SeededRandom(1)
        let seed = #"{"a":[1,-2.5e3,null,true,"\ud83d\ude00\n\\é"],"b":{"c":{}},"objects":[{"oid":"x","size":12}]}"#
        for _ in 0..<Self.rounds {
            let bytes = mutate(Array(seed.utf8), &random)
            guard let value = try? JSONValue(parsing: bytes, limits: JSONLimits(bytes: 4_096)) else { continue }
            let again = try JSONValue(
                parsing: Array(value.encoded().readableBytesView),
                limits: JSONLimits(bytes: 4_096)
            )
            #expect(again == value)
        }
    }

    @Test func requests() throws {
        var random = SeededRandom(2)
        let seed =
            #"{"operation":"upload","transfers":["basic"],"ref":{"name":"r"},"path":"a","force":true,"limit":3,"#
            + #""parts":[{"partNumber":1,"etag":"e"}],"oid":"\#(abcHex)","size":3,"objects":[{"oid":"\#(abcHex)","size":3}]}"#
        for _ in 0..<Self.rounds {
            let body = ByteBuffer(bytes: mutate(Array(seed.utf8), &random))
            _ = try? BatchRequest(body: body)
            _ = try? MultipartCompletion(body: body)
            _ = try? LFSObject(verifyBody: body)
            _ = try? LockRequest(body: body)
            _ = try? UnlockRequest(body: body)
            _ = try? LockQuery(verifyBody: body)
        }
    }

    @Test func pointers() throws {
        var random = SeededRandom(3)
        let text = Array(LFSPointer(try object()).text.utf8)
        let extended = Array(
            "version https://git-lfs.github.com/spec/v1\next-0-a sha256:\(emptyHex)\noid sha256:\(abcHex)\nsize 3\n"
                .utf8
        )
        for round in 0..<Self.rounds {
            let bytes = mutate(round.isMultiple(of: 2) ? text : extended, &random)
            guard let pointer = LFSPointer(parsing: bytes), !bytes.starts(with: extended.prefix(48)) else { continue }
            // Only the older address may be spelt in another way than ours.
            let isOld = String(decoding: bytes, as: UTF8.self).contains("hawser")
            #expect(isOld || Array(pointer.text.utf8) == bytes)
        }
    }

    @Test func ranges() {
        var random = SeededRandom(4)
        for _ in 0..<Self.rounds {
            let field = String(decoding: mutate(Array("bytes=10-20".utf8), &random), as: UTF8.self)
            let size = Int64.random(in: 0...40, using: &random)
            let range = RangeRequest(field: field, ifRange: nil, etag: "\"e\"", size: size)
            guard case .part(let part) = range else { continue }
            #expect(part.lowerBound >= 0 && part.upperBound <= size && !part.isEmpty)
        }
    }

    @Test func queriesOfActions() throws {
        var random = SeededRandom(5)
        let names = [
            "verb", "repository", "size", "actor", "key", "expires", "upload", "part", "part_size", "signature", "x",
        ]
        let values = [
            "part", "upload", "verify", "r", "1", "3", "0", "03", "-1", "", "AAAA", "99999999999999999999", "é",
        ]
        let oid = try object().oid
        for _ in 0..<Self.rounds {
            let count = Int.random(in: 0...11, using: &random)
            let items = names.shuffled(using: &random).prefix(count).compactMap { name in
                values.randomElement(using: &random).map { (name: name, value: $0) }
            }
            guard let signed = SignedAction(items: items, oid: oid) else { continue }
            #expect(signed.ticket.queryFields.count == items.count - 1)
        }
    }

    @Test func conversations() async throws {
        var random = SeededRandom(6)
        let seed = packets([
            "version 1", "0000", "batch", "refname=r", "0001", "\(abcHex) 3", "0000", "put-object \(abcHex)", "size=4",
            "0001", "abc", "0000", "verify-object \(abcHex)", "size=3", "0000", "lock", "path=a", "0000", "list-lock",
            "0000",
            "unlock 1", "0000", "get-object \(abcHex)", "0000", "quit", "0000",
        ])
        let backend = try MemoryBackend(["abc"])
        for round in 0..<1_000 {
            let bytes = ByteBuffer(bytes: mutate(Array(seed.readableBytesView), &random))
            let input = Pieces(bytes, piecesOf: Int.random(in: 1...64, using: &random))
            let operation: LFSOperation = round.isMultiple(of: 2) ? .upload : .download
            let sink = RecordingSink()
            let server = TransferServer(operation: operation, backend: backend, input: input, sink: sink)
            do {
                try await server.serve()
            } catch is TransferError {}
            // Whatever came in, what goes out are whole packets.
            #expect(throws: Never.self) { try script(sink.all) }
        }
    }
}
