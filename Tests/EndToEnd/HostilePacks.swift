import GranaryTesting
import Testing

@Suite("Hostile packs are refused and change nothing", .serialized, .sharedServer)
struct HostilePacks {
    private static let hello = GitObject(.blob, "hello\n")

    private static func delta(_ source: Int, _ target: Int, _ build: (inout HandMadeDelta) -> Void) -> [UInt8] {
        var delta = HandMadeDelta(source: source, target: target)
        build(&delta)
        return delta.bytes
    }

    /// A pack of one blob of six bytes and one delta against it.
    private static func delta(_ name: String, _ bytes: [UInt8]) -> HostilePush {
        .pack("delta \(name)") { _ in
            var pack = HostilePack([hello])
            pack.addOffsetDelta(distance: pack.lastEntryLength, delta: bytes)
            return pack
        }
    }

    private static let framing: [HostilePush] = [
        .bytes("no pack at all") { [] },
        .bytes("text instead of a pack") { Array("GIF89a and other things that are not a pack".utf8) },
        .bytes("only the magic") { Array("PACK".utf8) },
        .bytes("a truncated pack") { try HostilePack([hello]).bytes.dropLast(25) },
        .bytes("a truncated trailer") { try HostilePack([hello]).bytes.dropLast(3) },
        .pack("version 1") { _ in with(HostilePack([hello])) { $0.version = 1 } },
        .pack("version 9") { _ in with(HostilePack([hello])) { $0.version = 9 } },
        .pack("a count that is too high") { _ in with(HostilePack([hello])) { $0.count = 2 } },
        .pack("a count that is too low") { _ in with(HostilePack([hello, GitObject(.blob, "two")])) { $0.count = 1 } },
        .pack("the highest count there is") { _ in with(HostilePack([hello])) { $0.count = .max } },
        .pack("a wrong trailer") { _ in with(HostilePack([hello])) { $0.trailer = [UInt8](repeating: 7, count: 20) } },
        .pack("trailing garbage") { _ in with(HostilePack([hello])) { $0.tail = [1, 2, 3] } },
        .pack("a second pack behind the first") { _ in
            with(HostilePack([hello])) { $0.tail = (try? HostilePack([hello]).bytes) ?? [0] }
        },
        .pack("reserved type 0") { _ in
            with(HostilePack()) { $0.add(type: 0, size: 1, stream: StoredDeflate.stream(of: [1])) }
        },
        .pack("reserved type 5") { _ in
            with(HostilePack()) { $0.add(type: 5, size: 1, stream: StoredDeflate.stream(of: [1])) }
        },
        .pack("a declared size that is too large") { _ in with(HostilePack()) { $0.add(hello, declaredSize: 7) } },
        .pack("a declared size that is too small") { _ in with(HostilePack()) { $0.add(hello, declaredSize: 5) } },
        .pack("a declared size of zero") { _ in with(HostilePack()) { $0.add(hello, declaredSize: 0) } },
        .pack("a size of endless continuation bytes") { _ in
            with(HostilePack()) { $0.addRaw([0xbf] + [UInt8](repeating: 0xff, count: 64) + [1]) }
        },
        .pack("a broken zlib stream") { _ in
            with(HostilePack()) { $0.add(type: 3, size: 6, stream: [0x78, 0x9c, 0xff, 0xff, 0xff, 0xff, 0, 0]) }
        },
        .pack("a wrong zlib checksum") { _ in
            with(HostilePack()) {
                $0.add(type: 3, size: 6, stream: StoredDeflate.stream(of: hello.content).dropLast() + [0])
            }
        },
        .pack("a zlib stream without an end") { _ in
            with(HostilePack()) {
                $0.add(type: 3, size: 6, stream: StoredDeflate.stream(of: hello.content).dropLast(6))
            }
        },
        HostilePush(name: "a tip that is in no pack") { _ in
            PushRequest(
                creating: "refs/heads/evil",
                at: String(repeating: "ab", count: 20),
                pack: try HostilePack([hello]).bytes
            )
        },
    ]

    private static let deltas: [HostilePush] = [
        .pack("ref-delta with a missing base") { _ in
            with(HostilePack()) {
                $0.addRefDelta(base: [UInt8](repeating: 9, count: 20), delta: delta(6, 1) { $0.insert([1]) })
            }
        },
        .pack("offset delta that begins before the pack") { _ in
            with(HostilePack([hello])) { $0.addOffsetDelta(distance: 100_000, delta: delta(6, 1) { $0.insert([1]) }) }
        },
        .pack("offset delta against the pack's header") { _ in
            with(HostilePack([hello])) {
                $0.addOffsetDelta(distance: $0.lastEntryLength + 12, delta: delta(6, 1) { $0.insert([1]) })
            }
        },
        .pack("offset delta against itself") { _ in
            with(HostilePack([hello])) { $0.addOffsetDelta(distance: 0, delta: delta(6, 1) { $0.insert([1]) }) }
        },
        .pack("offset delta into the middle of an entry") { _ in
            with(HostilePack([hello])) {
                $0.addOffsetDelta(distance: $0.lastEntryLength - 3, delta: delta(6, 1) { $0.insert([1]) })
            }
        },
        .pack("ref-deltas that are each other's base") { _ in
            let (one, two) = (GitObject(.blob, "one"), GitObject(.blob, "two"))
            var pack = HostilePack()
            pack.addRefDelta(base: try two.id, delta: delta(3, 3) { $0.insert(one.content) })
            pack.addRefDelta(base: try one.id, delta: delta(3, 3) { $0.insert(two.content) })
            return pack
        },
        .pack("a ref-delta that is its own base") { _ in
            with(HostilePack()) {
                $0.addRefDelta(base: (try? hello.id) ?? [], delta: delta(6, 6) { $0.insert(hello.content) })
            }
        },
        delta("with a wrong source size", delta(7, 1) { $0.insert([1]) }),
        delta("with a target that is too long", delta(6, 1) { $0.insert([1, 2]) }),
        delta("with a target that is too short", delta(6, 3) { $0.insert([1, 2]) }),
        delta("that copies beyond the source", delta(6, 7) { $0.copy(offset: 0, size: 7) }),
        delta(
            "that copies from the far end of the address space",
            delta(6, 1) { $0.copy(offset: 0xffff_ffff, size: 1) }
        ),
        delta("with the reserved instruction", delta(6, 1) { $0.raw(0) }),
        delta(
            "with an insertion that is cut off",
            delta(6, 5) {
                $0.raw(5); $0.raw(1)
            }
        ),
        delta(
            "with a copy that is cut off",
            delta(6, 5) {
                $0.raw(0xff); $0.raw(0)
            }
        ),
        delta("without instructions", delta(6, 1) { _ in }),
        delta("that is empty", []),
        delta("with an endless size", [UInt8](repeating: 0xff, count: 20)),
        delta("that declares a target of four exbibytes", delta(6, 1 << 62) { $0.copy(offset: 0, size: 6) }),
        .pack("a chain of deltas that is too deep") { _ in
            var pack = HostilePack([GitObject(.blob, "0000")])
            for index in 0..<4_200 {
                let target = Array("\(index)".utf8)
                let source = index == 0 ? 4 : "\(index - 1)".utf8.count
                pack.addOffsetDelta(
                    distance: pack.lastEntryLength,
                    delta: delta(source, target.count) { $0.insert(target) }
                )
            }
            return pack
        },
    ]

    private static let bombs: [HostilePush] = [
        .pack("a blob that claims six bytes and inflates to 256 MiB") { _ in
            let zeros = try await StoredDeflate.zeros(256 << 20)
            return with(HostilePack()) { $0.add(type: 3, size: 6, stream: zeros) }
        },
        .pack("a blob of three gibibytes") { _ in
            let zeros = try await StoredDeflate.zeros(3 << 30)
            return with(HostilePack()) { $0.add(type: 3, size: 3 << 30, stream: zeros) }
        },
        .pack("a commit of 200 MiB") { _ in
            let zeros = try await StoredDeflate.zeros(200 << 20)
            return with(HostilePack()) { $0.add(type: 1, size: 200 << 20, stream: zeros) }
        },
        .pack("deltas that multiply a base of 8 MiB") { _ in
            let (size, copies) = (8 << 20, 16)
            let zeros = try await StoredDeflate.zeros(size)
            var pack = HostilePack()
            pack.add(type: 3, size: size, stream: zeros)
            for index in 0..<64 {
                let bytes = delta(size, size * copies + 1) { delta in
                    for _ in 0..<copies { delta.copy(offset: 0, size: size) }
                    delta.insert([UInt8(index)])
                }
                pack.addOffsetDelta(distance: pack.entries.reduce(0) { $0 + $1.count }, delta: bytes)
            }
            return pack
        },
    ]

    @Test func theSameToolsMakePacksThatAreTaken() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let ground = try await HostileGround(work)
        let tree = try GitObject.tree("100644", "hello", Self.hello.id)
        let commit = GitObject.commit(tree: try tree.hex, parents: [ground.tip])
        var pack = HostilePack([tree, commit])
        pack.addRefDelta(base: ground.blob, delta: Self.delta(8, 6) { $0.insert(Self.hello.content) })
        let report = try await story.push(
            PushRequest(creating: "refs/heads/good", at: try commit.hex, pack: try pack.bytes)
        )
        #expect(report.unpack == "ok" && report.accepted == ["refs/heads/good"], "\(report)")
        try await story.verify()
    }

    @Test(arguments: framing + deltas)
    func isRefused(attack: HostilePush) async throws {
        try await refuse(attack)
    }

    @Test(arguments: bombs)
    func bombIsRefusedInBoundedMemory(attack: HostilePush) async throws {
        let server = try SharedServer.running.server
        let before = try server.measurements().resident
        try server.resetPeak()
        try await refuse(attack)
        let peak = try server.measurements().peakResident
        #expect(peak < before + (128 << 20), "peak \(peak >> 20) MiB, before \(before >> 20) MiB")
    }

    private func refuse(_ attack: HostilePush) async throws {
        let (story, work) = try await Story.common()
        let before = try await story.remoteRefs()
        let report = try await story.push(try await attack.request(HostileGround(work)))
        #expect(report.isRefusal, "\(report)")
        try await story.expectUnchanged(since: before)
    }

    @Test func theRepositoryGoesOnWorkingAfterwards() async throws {
        let (story, work) = try await Story.common()
        try await work.commit("after", ["after": "a\n"])
        try await work("push", "origin", "main")
        try await story.verify(equals: work)
    }
}

/// A changed copy of a pack.
private func with(_ pack: HostilePack, _ change: (inout HostilePack) -> Void) -> HostilePack {
    var pack = pack
    change(&pack)
    return pack
}
