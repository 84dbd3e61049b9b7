import Access
import GitCore
import HubCore
import NIOCore
import Synchronization
import Testing

@Suite struct ArchiveSessionTests {
    /// Keeps what is written.
    private final class Sink: ByteSink {
        let written = Mutex(ByteBuffer())

        func write(_ buffer: ByteBuffer) async throws {
            written.withLock { written in _ = written.writeImmutableBuffer(buffer) }
        }

        var bytes: [UInt8] { written.withLock { Array($0.readableBytesView) } }
    }

    /// What a client gets that keeps its half of the channel open.
    private func archive(_ world: World, _ address: String, _ words: [String], by actor: Actor) async throws -> [UInt8]
    {
        let session = try await world.hub.git.openArchive(
            try RepositoryAddress(parsing: address),
            actor: actor,
            requestID: "test",
            followsRename: false
        )
        let (input, client) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        var request = ByteBuffer()
        for word in words { request.writePktLine("argument \(word)") }
        request.writeFlushPkt()
        client.yield(request)
        let sink = Sink()
        try await session.serve(input: input, to: sink)
        client.finish()
        return sink.bytes
    }

    @Test func servesWhoMayRead() async throws {
        let world = try await World(hasGit: true)
        let ada = try await world.user("ada")
        try await world.create("model/ada/m", initialize: true, by: ada)
        for actor in try await [ada, world.tokenActor("ada", .read), .operator] {
            let answer = try await archive(world, "model/ada/m", ["--prefix=m/", "main"], by: actor)
            #expect(answer.starts(with: "0008ACK\n0000".utf8))
            #expect(answer.suffix(4).elementsEqual("0000".utf8))
            #expect(String(decoding: answer, as: UTF8.self).contains("m/.gitattributes"))
        }
    }

    @Test func hidesFromOthersThatThereIsAnything() async throws {
        let world = try await World(hasGit: true)
        let ada = try await world.user("ada")
        let eve = try await world.user("eve")
        try await world.create("model/ada/m", initialize: true, by: ada)
        for address in ["model/ada/m", "model/ada/nothing"] {
            await expectError(.notFound) { _ = try await archive(world, address, ["main"], by: eve) }
            await expectError(.unauthenticated) { _ = try await archive(world, address, ["main"], by: .anonymous) }
        }
    }

    @Test func tellsTheClientWhatIsWrong() async throws {
        let world = try await World(hasGit: true)
        let ada = try await world.user("ada")
        try await world.create("model/ada/m", initialize: true, by: ada)
        let answer = try await archive(world, "model/ada/m", ["nope"], by: ada)
        #expect(String(decoding: answer, as: UTF8.self) == "001bNACK no such ref: nope\n")
    }
}
