import GitCore
import GranaryTesting
import Testing

/// A scratch repository for asking the real `git` what it thinks of objects; removed with the value.
struct StockGit {
    private let directory: TemporaryDirectory

    init() async throws {
        directory = try TemporaryDirectory("stock-git")
        try await run(["init", "--quiet", "--bare", "--initial-branch=main", "."])
    }

    /// Runs `git` and gives back its output and, behind it, its errors.
    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = [], mayFail: Bool = false) async throws -> [UInt8] {
        var command = Command("git", ["-c", "core.fsync=none"] + arguments)
        command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": directory.path]
        command.directory = directory.path
        command.input = input
        let result = try await command.run()
        if !mayFail { try result.required() }
        return result.standardOutput + result.standardError
    }

    /// Stores objects without any check and gives back the ids git computed.
    func store(_ contents: [[UInt8]], as type: ObjectType) async throws -> [ObjectID] {
        let folder = try TemporaryDirectory("stock-git-contents")
        var paths = ""
        for (number, content) in contents.enumerated() {
            paths += try folder.write("\(number)", content) + "\n"
        }
        let output = try await run(
            ["hash-object", "-t", type.name, "-w", "--literally", "--no-filters", "--stdin-paths"],
            input: Array(paths.utf8)
        )
        let ids = output.split(separator: 0x0a).compactMap { ObjectID(hex: $0) }
        try #require(ids.count == contents.count)
        return ids
    }

    /// What `git fsck` says, by object: the message ids of errors (an empty one where it could not even parse) and warnings.
    func fsck() async throws -> (errors: [ObjectID: [String]], warnings: [ObjectID: [String]]) {
        let text = String(decoding: try await run(["fsck", "--no-dangling"], mayFail: true), as: UTF8.self)
        var errors: [ObjectID: [String]] = [:]
        var warnings: [ObjectID: [String]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == ":" }).map(String.init)
            guard let oid = words.lazy.compactMap({ ObjectID(hex: $0) }).first else { continue }
            // What is missing or of another type than its link says is not this test's subject.
            guard !line.hasSuffix(": broken links") else { continue }
            if line.hasPrefix("error in ") {
                errors[oid, default: []].append(words.count > 4 ? words[4] : "")
            } else if line.hasPrefix("warning in ") {
                warnings[oid, default: []].append(words.count > 4 ? words[4] : "")
            } else if line.hasPrefix("error: ") {
                errors[oid, default: []].append("")
            }
        }
        return (errors, warnings)
    }
}

extension SeededRandom {
    /// A number from 0 up to `bound`, which is not included; 0 when there is none.
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &self) }

    /// A copy with one to four bytes changed, removed, repeated or taken from `spice`.
    mutating func mutation(of original: [UInt8], spice: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...below(4) {
            let place = below(bytes.count)
            switch below(5) {
            case 0 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 1 where !bytes.isEmpty: bytes.remove(at: place)
            case 2 where !bytes.isEmpty: bytes.insert(bytes[below(bytes.count)], at: place)
            case 3 where !bytes.isEmpty && !spice.isEmpty: bytes[place] = spice[below(spice.count)]
            default: bytes.insert(spice.isEmpty ? 0 : spice[below(spice.count)], at: place)
            }
        }
        return bytes
    }
}

/// The links an object was seen to have.
struct CollectedLinks: LinkSink, Equatable {
    var links: [Link] = []

    struct Link: Equatable {
        var oid: ObjectID
        var type: ObjectType
    }

    mutating func link(to oid: ObjectID, expecting type: ObjectType) {
        links.append(Link(oid: oid, type: type))
    }
}

/// Builds objects byte by byte, right or wrong.
enum Crafted {
    static let oid = [UInt8](repeating: 0x11, count: 20)
    static let hex = String(repeating: "1", count: 40)
    static let parent = String(repeating: "2", count: 40)

    static func tree(_ entries: [(mode: String, name: [UInt8])], oid: [UInt8] = oid) -> [UInt8] {
        entries.flatMap { Array("\($0.mode) ".utf8) + $0.name + [0] + oid }
    }

    static func tree(_ entries: (String, String)...) -> [UInt8] {
        tree(entries.map { (mode: $0.0, name: Array($0.1.utf8)) })
    }

    static func commit(author: String = "A <a@b> 1700000000 +0100", committer: String = "C <c@d> 1700000001 -0230")
        -> String
    {
        "tree \(hex)\nparent \(parent)\nauthor \(author)\ncommitter \(committer)\n\nmessage\n"
    }
}

/// The error a body throws; nil when it throws none.
func thrown<Failure: Error>(_ body: () throws(Failure) -> Void) -> Failure? {
    do throws(Failure) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// The checker's verdict.
func verdict(_ type: ObjectType, _ content: [UInt8]) -> ObjectError? {
    content.withUnsafeBytes { bytes in
        var links = NoLinks()
        var special = SpecialBlobs()
        return thrown { () throws(ObjectError) in
            try ObjectChecker.check(bytes, type: type, links: &links, special: &special)
        }
    }
}
