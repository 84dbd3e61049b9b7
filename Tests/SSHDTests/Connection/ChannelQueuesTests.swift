import GitCore
import HubCore
import NIOCore
import SSHD
import Synchronization
import Testing

@Suite("A channel's queues")
struct ChannelQueuesTests {
    private static func bytes(_ count: Int) -> [UInt8] { Array(repeating: 7, count: count) }

    private func push(_ bytes: [UInt8], _ input: ChannelInput) -> Int { bytes.withUnsafeBytes { input.push($0) } }

    @Test func inputGivesWhatCameInOrderAndThenEnds() async throws {
        let input = ChannelInput(wakeup: try Wakeup(), now: { 0 })
        #expect(push([1, 2], input) == 2)
        #expect(push([3], input) == 1)
        input.finish()
        var got: [UInt8] = []
        for try await piece in input { got += piece.readableBytesView }
        #expect(got == [1, 2, 3])
        #expect(input.total == 3)
        #expect(push([4], input) == 1, "what comes after the end is dropped")
    }

    @Test func inputTakesNoMoreThanItsLimit() throws {
        let input = ChannelInput(wakeup: try Wakeup(), now: { 0 })
        #expect(push(Self.bytes(ChannelInput.limit - 10), input) == ChannelInput.limit - 10)
        #expect(push(Self.bytes(100), input) == 10)
        #expect(push(Self.bytes(1), input) == 0)
        #expect(!input.isDrained)
        Self.bytes(1_000).withUnsafeBytes { input.add($0) }
        #expect(input.total == Int64(ChannelInput.limit + 1_000))
    }

    @Test func aReaderThatWaitsIsWokenByBytesAndByTheEnd() async throws {
        let input = ChannelInput(wakeup: try Wakeup(), now: { 5 })
        let reader = Task {
            var iterator = input.makeAsyncIterator()
            let first = try await iterator.next()
            return (first?.readableBytes, try await iterator.next() == nil)
        }
        while input.waitingSince == nil { await Task.yield() }
        #expect(input.waitingSince == 5)
        #expect(push([1, 2, 3], input) == 3)
        input.finish()
        let (count, ended) = try await reader.value
        #expect(count == 3 && ended)
    }

    @Test func aBrokenConnectionIsAnErrorAndDropsWhatWaits() async throws {
        let input = ChannelInput(wakeup: try Wakeup(), now: { 0 })
        _ = push([1], input)
        input.finish(throwing: ChannelFault.disconnected)
        var iterator = input.makeAsyncIterator()
        await #expect(throws: ChannelFault.disconnected) { try await iterator.next() }
    }

    @Test func cancellationEndsAReaderThatWaits() async throws {
        let input = ChannelInput(wakeup: try Wakeup(), now: { 0 })
        let reader = Task { () -> Bool in
            var iterator = input.makeAsyncIterator()
            do { _ = try await iterator.next() } catch is CancellationError { return true }
            return false
        }
        while input.waitingSince == nil { await Task.yield() }
        reader.cancel()
        #expect(try await reader.value)
    }

    @Test func aWriterWaitsUntilHalfIsSent() async throws {
        let output = ChannelOutput(wakeup: try Wakeup(), now: { 0 })
        let isDone = Mutex(false)
        let writer = Task {
            try await output.write(ByteBuffer(bytes: Self.bytes(ChannelOutput.limit + 1)))
            isDone.withLock { $0 = true }
        }
        while output.waitingSince == nil { await Task.yield() }
        #expect(output.next()?.bytes.readableBytes == ChannelOutput.limit + 1)
        output.sent(ChannelOutput.limit / 4)
        #expect(isDone.withLock { !$0 })
        output.sent(ChannelOutput.limit / 2)
        try await writer.value
        #expect(isDone.withLock { $0 })
    }

    @Test func theExitStatusComesAfterEverythingIsSent() async throws {
        let output = ChannelOutput(wakeup: try Wakeup(), now: { 0 })
        try await output.write(ByteBuffer(string: "out"))
        output.writeError("err")
        output.finish(3)
        output.finish(4)
        #expect(output.isFinished && output.finalStatus == nil)
        #expect(output.next()?.isError == false)
        output.sent(3)
        #expect(output.next()?.isError == true)
        #expect(output.finalStatus == nil)
        output.sent(3)
        #expect(output.finalStatus == 3)
    }

    @Test func anEndThatCannotBeSentIsWaitedForLikeAnyWriter() throws {
        let output = ChannelOutput(wakeup: try Wakeup(), now: { 9 })
        output.writeError("text")
        #expect(output.waitingSince == nil)
        output.finish(128)
        #expect(output.waitingSince == 9)
        _ = output.next()
        output.sent(4)
        #expect(output.waitingSince == nil && output.finalStatus == 128)
    }

    @Test func afterAFailureNothingIsWritten() async throws {
        let output = ChannelOutput(wakeup: try Wakeup(), now: { 0 })
        try await output.write(ByteBuffer(string: "out"))
        output.fail(ChannelFault.stalled)
        output.writeError("lost")
        await #expect(throws: ChannelFault.stalled) { try await output.write(ByteBuffer(string: "more")) }
        output.finish(1)
        #expect(output.next() == nil && output.finalStatus == 1)
    }

    /// One reader, one pusher and a canceller at once; the thread sanitizer runs this, too.
    @Test func survivesManyAtOnce() async throws {
        for round in 0..<200 {
            let input = ChannelInput(wakeup: try Wakeup(), now: { 0 })
            let reader = Task { () -> Int in
                var count = 0
                do { for try await piece in input { count += piece.readableBytes } } catch { return -1 }
                return count
            }
            let pusher = Task {
                for _ in 0..<50 { _ = push(Self.bytes(100), input) }
                input.finish()
            }
            if round % 3 == 0 { reader.cancel() }
            await pusher.value
            let count = await reader.value
            #expect(count == 5_000 || (round % 3 == 0 && count == -1))
        }
    }
}
