import Dispatch
import HubCore
import Synchronization
import Testing

@Suite struct BoundedWorkersTests {
    /// How many run, and the most that ever did.
    private final class Gauge: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        var most: Int { counts.withLock { $0.most } }

        func measure(_ work: () -> Void) {
            counts.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            work()
            counts.withLock { $0.now -= 1 }
        }
    }

    private static func spin() -> Int {
        (0..<200_000).reduce(0) { ($0 ^ $1) &* 31 }
    }

    @Test func runsNoMoreAtATimeThanItsWidth() async throws {
        let workers = BoundedWorkers(label: "test", width: 2, depth: 100)
        let gauge = Gauge()
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask {
                    try await workers.run {
                        gauge.measure { _ = Self.spin() }
                        return number
                    }
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(values == Set(0..<50))
        #expect(gauge.most <= 2)
    }

    @Test func refusesMoreThanItsDepth() async throws {
        let workers = BoundedWorkers(label: "test", width: 1, depth: 3)
        let gate = DispatchSemaphore(value: 0)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        try await workers.run { gate.wait() }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            var refused = 0
            while refused < 6, let isRun = await group.next() { refused += isRun ? 0 : 1 }
            for _ in 0..<4 { gate.signal() }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes == [true, true, true, true])
    }

    @Test func passesErrorsOnAndGoesOn() async throws {
        struct Broken: Error {}
        let workers = BoundedWorkers(label: "test", width: 1, depth: 1)
        await #expect(throws: Broken.self) { try await workers.run { throw Broken() } }
        #expect(try await workers.run { 5 } == 5)
    }
}
