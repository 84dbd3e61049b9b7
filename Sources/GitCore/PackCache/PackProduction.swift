import NIOCore

/// Produces a pack for all who have asked for it.
struct PackProduction: Sendable {
    /// What is selected, from packs in which the clients may see it.
    let wanted: ObjectSelection.Request
    let isWhole: Bool
    let packs: PackSet
    let options: PackStream.Options
    let fewCommits: Int
    /// Nanoseconds of a clock that never goes back.
    let now: @Sendable () -> Int64

    /// Steps of selection between two looks at the clock.
    private static let steps = 500
    /// Between two words to the readers, and between two moments at which others get the thread.
    private static let pause: Int64 = 20_000_000

    /// Selects, and writes it to the file that the readers follow.
    func run(for shared: SharedPack) async {
        do {
            let contents = try await select(for: shared)
            if let pack = Self.storedPack(contents.plan, options) {
                shared.borrow(try pack.file(), bytes: pack.size, objects: pack.index.count)
            } else {
                try await write(contents, for: shared)
            }
        } catch {
            shared.fail(error)
        }
    }

    private func select(for shared: SharedPack) async throws -> PackContents {
        let reader = try ObjectReader(packs)
        let selection = try FetchSelection(wanted, reader: reader, isWhole: isWhole, fewCommits: fewCommits)
        var told = now()
        while try selection.advance(Self.steps) {
            try Task.checkCancellation()
            guard now() - told >= Self.pause else { continue }
            told = now()
            shared.note(selected: selection.count, isAll: false)
            await Task.yield()
        }
        shared.note(selected: selection.count, isAll: true)
        return try selection.contents()
    }

    /// The one pack that the output is, byte for byte.
    private static func storedPack(_ plan: PackPlan, _ options: PackStream.Options) -> Pack? {
        PackStream.storedPack(of: plan, options).map { plan.packs.packs[$0] }
    }

    private func write(_ contents: PackContents, for shared: SharedPack) async throws {
        let stream = try PackStream(contents, options: options)
        let file: OpenFile
        do { file = try OpenFile(temporaryIn: options.temporaryDirectory) } catch { throw PackCacheError.noRoom }
        let ring = FileRing(file: file, capacity: shared.capacity)
        var produced: Int64 = 0
        var rested = now()
        var isMore = true
        while isMore {
            try Task.checkCancellation()
            var buffer = ByteBuffer()
            isMore = try stream.read(into: &buffer, limit: shared.pieceBytes)
            guard buffer.readableBytes > 0 else { continue }
            try await shared.waitForRoom(buffer.readableBytes)
            do {
                try buffer.withUnsafeReadableBytes { try ring.write($0, at: produced) }
            } catch {
                throw PackCacheError.noRoom
            }
            produced += Int64(buffer.readableBytes)
            shared.note(produced: produced, in: file)
            guard now() - rested >= Self.pause else { continue }
            rested = now()
            await Task.yield()
        }
        shared.complete(objects: stream.progress.total)
    }
}

/// Why a pack is not shared; whoever has got nothing of it yet produces one alone.
enum PackCacheError: Error {
    /// The disk takes no more.
    case noRoom
}
