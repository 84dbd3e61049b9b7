import Synchronization

/// The packs that were sent lately, and those that are on their way.
///
/// Whoever asks for the same as somebody else gets the same bytes, which are produced once. What was produced stays on the
/// disk, in files without names, so that a crash leaves nothing. Memory: nothing that grows with packs.
package final class PackCache: Sendable {
    /// What may be kept.
    package struct Limits: Sendable, Equatable {
        /// Bytes of all packs; 0 for no cache.
        package var bytes: Int64 = 4 << 30
        /// Seconds for which a pack is kept after somebody has asked for it.
        package var seconds: Double = 3_600

        package init() {}
    }

    /// What has happened since the start, and what is there.
    package struct Counts: Sendable, Equatable {
        /// Requests that were answered from a pack that somebody else had asked for.
        package var hits = 0
        /// Requests for which a pack was produced.
        package var misses = 0
        /// Bytes that were sent and not produced.
        package var hitBytes: Int64 = 0
        /// Packs that are kept or being produced.
        package var packs = 0
        /// Bytes that they take.
        package var bytes: Int64 = 0
    }

    /// A reader's part in a pack.
    struct Seat: Sendable {
        let pack: SharedPack
        /// The reader's number.
        let reader: Int
        /// Whether somebody else had asked for it before.
        let isHit: Bool
    }

    private struct Entry {
        let pack: SharedPack
        var readers = 1
        var usedAt: Int64
        let production: Task<Void, Never>
    }

    private struct State {
        var entries: [PackKey: Entry] = [:]
        var hits = 0
        var misses = 0
        var hitBytes: Int64 = 0
    }

    private let limits: Limits
    private let executor: any TaskExecutor
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// A descriptor each.
    private static let mostPacks = 256

    /// - Parameters:
    ///   - executor: where packs are produced.
    ///   - now: nanoseconds of a clock that never goes back.
    package init(limits: Limits, executor: any TaskExecutor, now: @escaping @Sendable () -> Int64) {
        self.limits = limits
        self.executor = executor
        self.now = now
    }

    /// What has happened, for the metrics.
    package var counts: Counts {
        state.withLock { state in
            Counts(
                hits: state.hits,
                misses: state.misses,
                hitBytes: state.hitBytes,
                packs: state.entries.count,
                bytes: state.entries.values.reduce(0) { $0 + $1.pack.reservedBytes }
            )
        }
    }

    /// Bytes that the file of a pack may have that is made from these: twice as many as they have, as most are smaller than
    /// that, and what is rebuilt is larger.
    private func capacity(for packs: PackSet) -> Int64? {
        var total: Int64 = 0
        for pack in packs.packs {
            let (sum, overflow) = total.addingReportingOverflow(pack.size)
            guard !overflow, sum <= limits.bytes / 2 else { return nil }
            total = sum
        }
        return total > 0 ? 2 * total : nil
    }

    /// A part in the pack for a request, which `leave` gives back; nil when everybody has to produce one alone.
    func join(_ key: PackKey, _ production: PackProduction) -> Seat? {
        guard let capacity = capacity(for: production.packs) else { return nil }
        let time = now()
        return state.withLock { state in
            if var entry = state.entries[key] {
                guard let reader = entry.pack.addReader() else { return nil }
                entry.readers += 1
                entry.usedAt = time
                state.entries[key] = entry
                state.hits += 1
                return Seat(pack: entry.pack, reader: reader, isHit: true)
            }
            trim(&state, at: time, for: capacity)
            guard state.entries.count < Self.mostPacks, reservedBytes(state) <= limits.bytes - capacity else {
                return nil
            }
            let pack = SharedPack(key, capacity: capacity)
            guard let reader = pack.addReader() else { return nil }
            state.misses += 1
            let task = Task(executorPreference: executor) { await production.run(for: pack) }
            state.entries[key] = Entry(pack: pack, usedAt: time, production: task)
            return Seat(pack: pack, reader: reader, isHit: false)
        }
    }

    /// Notes that a reader has its answer, or is gone; what nobody waits for is not produced further.
    ///
    /// - Parameter bytes: what the reader has got.
    func leave(_ seat: Seat, after bytes: Int64) {
        let time = now()
        seat.pack.removeReader(seat.reader)
        state.withLock { state in
            if seat.isHit { state.hitBytes += bytes }
            guard var entry = state.entries[seat.pack.key], entry.pack === seat.pack else { return }
            entry.readers -= 1
            entry.usedAt = time
            let isKept = entry.readers > 0 || seat.pack.isWorthKeeping
            state.entries[seat.pack.key] = isKept ? entry : nil
            if entry.readers == 0 { entry.production.cancel() }
            trim(&state, at: time, for: 0)
        }
    }

    private func reservedBytes(_ state: State) -> Int64 {
        state.entries.values.reduce(0) { $0 + $1.pack.reservedBytes }
    }

    /// Drops what is too old, and what has not been asked for longest until so many bytes have room.
    private func trim(_ state: inout State, at time: Int64, for bytes: Int64) {
        var reserved = reservedBytes(state)
        let idle = state.entries.filter { $0.value.readers == 0 }.sorted { $0.value.usedAt < $1.value.usedAt }
        for (key, entry) in idle {
            let isTooOld = Double(time - entry.usedAt) / 1e9 > limits.seconds
            guard isTooOld || reserved > limits.bytes - bytes || state.entries.count >= Self.mostPacks else { break }
            reserved -= entry.pack.reservedBytes
            state.entries[key] = nil
        }
    }
}
