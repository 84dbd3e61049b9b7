import NIOCore

extension UploadPack {
    /// Protocol versions 0 and 1, which differ only in the advertisement.
    func serveV0(_ reader: inout PacketReader, _ sink: any ByteSink) async throws -> PackSummary? {
        guard let request = try await readRequest(&reader) else { return nil }
        let state = try await self.state()
        if let refused = try await check(state).firstRefused(of: request.wants) {
            throw try await refuse("upload-pack: not our ref \(refused)", sink)
        }
        try state.setWants(request.wants)
        state.setShallows(request.shallows)
        let boundary = try boundary(for: request, state)
        if let boundary {
            var buffer = ByteBuffer()
            ShallowUpdate(shallow: boundary.shallow, unshallow: boundary.unshallow).write(into: &buffer)
            try await sink.write(buffer)
        }
        guard try await negotiate(request, &reader, state, sink) else { return nil }
        return try await sendPack(request, common: state.common, boundary: boundary, state, sink)
    }

    /// What the rounds of a fetch share; finds out what the client may see where that is not everything.
    func state() async throws -> FetchState {
        let packs = try repository.packs.current()
        return try FetchState(packs, visible: try await check(packs).visibleCommits())
    }

    private func check(_ packs: PackSet) -> WantCheck {
        WantCheck(repository: repository, snapshot: snapshot, packs: packs, hasHiddenRefs: hasHiddenRefs)
    }

    func check(_ state: FetchState) -> WantCheck { check(state.packs) }

    /// Reads up to the first flush-pkt; nil when the client wants nothing.
    private func readRequest(_ reader: inout PacketReader) async throws -> FetchRequest? {
        var parser = UploadRequestParser(limits: context.limits)
        while let packet = try await reader.next() {
            switch try parser.receive(packet) {
            case .incomplete: continue
            case .nothingWanted: return nil
            case .complete(let request, _): return request
            }
        }
        guard parser.isAtStart else { throw TruncatedStream() }
        return nil
    }

    /// Bytes of acknowledgments that wait for the end of their round, so that a small round is one write.
    private static let heldAnswer = 64 << 10

    /// Reads haves and acknowledges them; true when the pack is due.
    private func negotiate(
        _ request: FetchRequest,
        _ reader: inout PacketReader,
        _ state: FetchState,
        _ sink: any ByteSink
    ) async throws -> Bool {
        var negotiation = Negotiation(for: request, isStateless: isStateless)
        var answer = ByteBuffer()
        var haves = 0
        var isRoundOpen = false
        while true {
            let line = try await reader.next().map { packet in try HaveLine(reading: packet) }
            let event: Negotiation.Event
            switch line {
            case .have(let oid):
                haves += 1
                guard haves <= context.limits.haves else {
                    throw RequestError.tooMany("have", limit: context.limits.haves)
                }
                event = .have(oid, isCommon: try state.addHave(oid))
                if haves.isMultiple(of: 1_000) {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                isRoundOpen = true
            case .flush:
                event = .flush
                isRoundOpen = false
            case .done:
                event = .done
            case nil:
                // A client that asked for a depth sends its haves in the next request; over SSH it has hung up.
                guard isRoundOpen else { return false }
                guard isStateless else { throw TruncatedStream() }
                event = .flush
            }
            let isReady = try negotiation.needsReadiness(for: event) && state.isReady()
            let action = negotiation.receive(event, isReady: isReady, into: &answer)
            let isDue = action != .readMore || line == .flush || answer.readableBytes > Self.heldAnswer
            if answer.readableBytes > 0, isDue {
                try await sink.write(answer)
                answer.clear()
            }
            switch action {
            case .readMore: if line == nil { return false }
            case .endResponse: return false
            case .sendPack: return true
            }
        }
    }
}
