import Foundation
import GitCore
import NIOCore
import Testing

/// A recorded conversation from `fixtures/wire`; `record.py` there describes the format.
struct WireConversation: Sendable, CustomTestStringConvertible {
    struct Line: Sendable, Equatable {
        var isFromClient: Bool
        var text: String
    }

    let name: String
    /// The server's history: commit and parents.
    private(set) var parents: [ObjectID: [ObjectID]] = [:]
    private(set) var refs: [Ref] = []
    /// One list for each request of a stateless conversation, one list in all otherwise.
    private(set) var requests: [[Line]] = [[]]

    var testDescription: String { name }

    init(name: String) throws {
        self.name = name
        let text = try String(contentsOf: Self.directory.appendingPathComponent(name), encoding: .utf8)
        for line in text.split(separator: "\n") {
            if line == "---" {
                requests.append([])
            } else if line.hasPrefix("# ") {
                try read(comment: line.dropFirst(2).split(separator: " ").map(String.init))
            } else {
                let line = Line(isFromClient: line.hasPrefix("C"), text: String(line.dropFirst(3)))
                requests[requests.count - 1].append(line)
            }
        }
    }

    /// All conversations whose names start with `prefix`.
    static func all(_ prefix: String) throws -> [WireConversation] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path)
            .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".txt") }
            .sorted()
            .map(WireConversation.init)
    }

    var snapshot: RefSnapshot {
        get throws {
            let head = try RefName(validating: Array((refs.isEmpty ? "refs/heads/trunk" : "refs/heads/main").utf8))
            return RefSnapshot(refs: refs, headTarget: head, generation: 1, everyObjectReachable: true)
        }
    }

    /// The commits that can be reached from `starts`, themselves included.
    func ancestors(of starts: some Sequence<ObjectID>) -> Set<ObjectID> {
        var seen: Set<ObjectID> = []
        var queue = Array(starts)
        while let oid = queue.popLast() {
            guard seen.insert(oid).inserted else { continue }
            queue += parents[peeled(oid)] ?? []
        }
        return seen
    }

    /// Whether every want has an ancestor that is common.
    func isReady(wants: [ObjectID], common: [ObjectID]) -> Bool {
        let known = ancestors(of: common)
        return wants.allSatisfy { !ancestors(of: [peeled($0)]).isDisjoint(with: known) }
    }

    func has(_ oid: ObjectID) -> Bool {
        parents[oid] != nil || refs.contains { $0.oid == oid }
    }

    private func peeled(_ oid: ObjectID) -> ObjectID {
        refs.first { $0.oid == oid }?.peeled ?? oid
    }

    private mutating func read(comment words: [String]) throws {
        let oids = words.compactMap { ObjectID(hex: $0) }
        if words.first == "commit", let commit = oids.first {
            parents[commit] = Array(oids.dropFirst())
        } else if words.first == "ref", let oid = oids.first {
            let name = try RefName(validating: Array(words[1].utf8))
            refs.append(Ref(name: name, oid: oid, peeled: oids.count > 1 ? oids[1] : nil))
        }
    }

    private static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("fixtures/wire")
}

extension WireConversation.Line {
    /// The packet that the line stands for.
    var packet: PktLine {
        switch text {
        case "0000": .flush
        case "0001": .delim
        default: .data(ByteBuffer(string: text.replacingOccurrences(of: "\\0", with: "\0") + "\n"))
        }
    }
}

/// Cuts `buffer` into packets and spells them as the recordings do; "?" ends bytes that are no packet.
func spelled(_ buffer: ByteBuffer) -> [String] {
    var decoder = PktLineDecoder()
    decoder.append(buffer)
    var lines: [String] = []
    do {
        while let packet = try decoder.next() { lines.append(spelled(packet)) }
    } catch {
        lines.append("?")
    }
    return decoder.leftover.readableBytes == 0 ? lines : lines + ["?"]
}

private func spelled(_ packet: PktLine) -> String {
    switch packet {
    case .flush: return "0000"
    case .delim: return "0001"
    case .responseEnd: return "0002"
    case .data(let payload):
        let text = String(buffer: payload).replacingOccurrences(of: "\0", with: "\\0")
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

/// A packet with the text and a LF.
func line(_ text: String) -> PktLine {
    .data(ByteBuffer(string: text + "\n"))
}

/// An object id that ends in `number`.
func sampleID(_ number: UInt8) -> ObjectID {
    ObjectID(bytes: Array(repeating: 0xa0, count: 19) + [number]) ?? .zero
}
