import GitCore
import GranaryTesting
import Testing

/// The objects that `fixtures/wire/record.py` made, made again: same bytes, same ids.
struct RecordedHistory {
    private struct Item {
        var type: ObjectType
        var bytes: [UInt8]
        var links: [ObjectID]
    }

    private var items: [ObjectID: Item] = [:]
    private let tree: ObjectID
    private(set) var named: [String: ObjectID] = [:]

    init() throws {
        tree = try [].withUnsafeBytes { try ObjectHasher.id(of: $0, type: .tree) }
        items[tree] = Item(type: .tree, bytes: [], links: [])
        try commit("one", 1, nil)
        try commit("two", 2, "one")
        try tag("v1", 3, "two", .commit)
        try tag("v1-again", 4, "v1", .tag)
        for (number, name) in ["three", "four", "five", "six"].enumerated() {
            try commit(name, 5 + number, number == 0 ? "two" : ["three", "four", "five"][number - 1])
        }
        try commit("aside", 9, "two")
        // Times 10 through 49 are those of commits that only a client has.
        try commit("pushed", 50, "six")
        try commit("again", 51, "pushed")
        try commit("rewritten", 52, "six")
        try commit("refused", 53, "six")
        try commit("from shallow", 54, "rewritten")
    }

    private mutating func commit(_ name: String, _ minute: Int, _ parent: String?) throws {
        let parents = parent.flatMap { named[$0] }.map { [$0] } ?? []
        let identity = "A <a@example.org> \(1_700_000_000 + 60 * minute) +0000"
        let text =
            "tree \(tree)\n" + parents.map { "parent \($0)\n" }.joined()
            + "author \(identity)\ncommitter \(identity)\n\n\(name)\n"
        try add(name, Item(type: .commit, bytes: Array(text.utf8), links: parents + [tree]))
    }

    private mutating func tag(_ name: String, _ minute: Int, _ target: String, _ type: ObjectType) throws {
        let oid = try #require(named[target])
        let text =
            "object \(oid)\ntype \(type.name)\ntag \(name)\n"
            + "tagger A <a@example.org> \(1_700_000_000 + 60 * minute) +0000\n\n\(name)\n"
        try add(name, Item(type: .tag, bytes: Array(text.utf8), links: [oid]))
    }

    private mutating func add(_ name: String, _ item: Item) throws {
        let oid = try item.bytes.withUnsafeBytes { try ObjectHasher.id(of: $0, type: item.type) }
        items[oid] = item
        named[name] = oid
    }

    /// A pack of all that `tips` lead to and `known` do not.
    func pack(_ tips: [ObjectID], without known: [ObjectID] = []) throws -> [UInt8] {
        let had = closure(known)
        var builder = PackBuilder()
        for oid in closure(tips).subtracting(had).sorted(by: { $0.hex < $1.hex }) {
            let item = try #require(items[oid], "\(oid)")
            _ = try builder.add(item.type, item.bytes)
        }
        return try builder.finish()
    }

    private func closure(_ tips: [ObjectID]) -> Set<ObjectID> {
        var seen: Set<ObjectID> = []
        var queue = tips
        while let oid = queue.popLast() {
            if seen.insert(oid).inserted { queue += items[oid]?.links ?? [] }
        }
        return seen
    }

    /// A repository on disk that holds what the recorded refs lead to.
    func workshop(_ conversation: WireConversation) throws -> Workshop {
        let workshop = try Workshop()
        let tips = conversation.refs.map(\.oid)
        guard !tips.isEmpty else { return workshop }
        let quarantine = try workshop.quarantine()
        try workshop.receive(try pack(tips), piece: .max, into: quarantine, tips: tips)
        try quarantine.publish()
        quarantine.settle()
        return workshop
    }
}
