import NIOCore

/// The server's side of `git-receive-pack`: pushes.
///
/// Order: parse, check the commands against refs and rules, take the pack into quarantine, check objects and links, check
/// what the new values are, publish, change the refs in one transaction, report. Nothing is visible before the refs
/// change, and a conversation that ends early leaves nothing behind.
///
/// - Source: gitprotocol-pack(5) "Pushing Data To a Server".
package struct ReceivePack: Sendable {
    let repository: GitRepository
    let target: any PushTarget
    let context: GitContext
    /// Names the quarantine; unique, safe as a file name.
    let quarantineName: String
    /// Names the conversation in the logs of both sides; printable ASCII without spaces.
    let sessionID: String?

    package init(
        repository: GitRepository,
        target: any PushTarget,
        context: GitContext,
        quarantineName: String,
        sessionID: String? = nil
    ) {
        self.repository = repository
        self.target = target
        self.context = context
        self.quarantineName = quarantineName
        self.sessionID = sessionID
    }

    /// Writes refs and capabilities.
    package func advertise(_ version: GitProtocolVersion, to sink: any ByteSink) async throws {
        var buffer = ByteBuffer()
        let snapshot = try await target.snapshot()
        ReceivePackAdvertisement(snapshot: snapshot, version: version, agent: context.agent, sessionID: sessionID)
            .write(into: &buffer)
        try await sink.write(buffer)
    }

    /// Serves one push; nil when the client asked for nothing.
    ///
    /// - Throws: `ConversationError.refused` after an `ERR` answer; errors of transport and storage otherwise.
    package func serve(input: ByteSource, to sink: any ByteSink) async throws -> PushSummary? {
        var reader = PacketReader(input)
        let request: ReceiveRequest?
        do {
            request = try await readRequest(&reader)
        } catch let error as RequestError {
            throw try await refuse(error.message, &reader, sink)
        } catch let error as PktLineError {
            throw try await refuse(error.message, &reader, sink)
        } catch is TruncatedStream {
            throw try await refuse("the request is cut off", &reader, sink)
        }
        guard let request else { return nil }
        return try await serve(request, &reader, sink)
    }

    private func readRequest(_ reader: inout PacketReader) async throws -> ReceiveRequest? {
        var parser = ReceiveRequestParser(limits: context.limits)
        while let packet = try await reader.next() {
            switch try parser.receive(packet) {
            case .incomplete: continue
            case .nothingToDo: return nil
            case .complete(let request): return request
            }
        }
        guard parser.isAtStart else { throw TruncatedStream() }
        return nil
    }

    private func serve(
        _ request: ReceiveRequest,
        _ reader: inout PacketReader,
        _ sink: any ByteSink
    ) async throws -> PushSummary {
        let snapshot = try await target.snapshot()
        let check = CommandCheck(snapshot: snapshot, target: target, limits: context.limits)
        var push = Push(request, refusals: check.refusals(of: request.commands))
        var progress = ProgressBand(sink, band: request.sideBand, isQuiet: request.quiet, now: context.now)
        guard push.isAnythingLeft else {
            try await discard(&reader)
            return try await report(push, sink)
        }
        do {
            let quarantine = try await receive(request, snapshot, &reader, &progress)
            defer { quarantine?.discard() }
            try await decide(&push, quarantine, snapshot)
            try await publish(&push, quarantine)
        } catch let refusal as PackRefusal {
            // The client is still sending; it reads the report only once it is done.
            try await discard(&reader)
            push.fail(refusal)
        } catch let error as FileError where error.isOutOfSpace {
            try await discard(&reader)
            push.fail(.limit("the server's disk is full"))
        }
        return try await report(push, sink)
    }

    /// Takes the pack into quarantine and checks it; nil when no pack comes.
    private func receive(
        _ request: ReceiveRequest,
        _ snapshot: RefSnapshot,
        _ reader: inout PacketReader,
        _ progress: inout ProgressBand
    ) async throws -> Quarantine? {
        guard request.expectsPack else { return nil }
        let quarantine = try Quarantine(
            parent: repository.quarantinePath,
            name: quarantineName,
            packs: repository.packs,
            visible: try await check(snapshot).visibleObjects(),
            limits: context.limits
        )
        do {
            let deadline = context.now() + Int64(context.limits.pushSeconds) * 1_000_000_000
            while let bytes = try await reader.nextBytes() {
                try bytes.withUnsafeReadableBytes { try quarantine.receive($0) }
                try checkTime(deadline)
            }
            try quarantine.finishReceiving()
            while try quarantine.resolveSome(Self.resolveCount) {
                try checkTime(deadline)
                let (done, total) = quarantine.resolved
                try await progress.tick("Resolving deltas: \(done)/\(total)")
            }
            let (done, total) = quarantine.resolved
            if total > 0 { try await progress.finish("Resolving deltas: \(done)/\(total)") }
            try quarantine.verify(request.commands.map(\.new))
            return quarantine
        } catch {
            quarantine.discard()
            throw error
        }
    }

    /// Deltas between two looks at the clock.
    private static let resolveCount = 200

    private func checkTime(_ deadline: Int64) throws {
        try Task.checkCancellation()
        guard context.now() < deadline else {
            throw PackRefusal.limit("the push took more than \(context.limits.pushSeconds) seconds")
        }
    }

    /// Bytes of a refused push that are read and thrown away, so that the client gets to reading why.
    private static let discardLimit = 256 << 20

    private func discard(_ reader: inout PacketReader) async throws {
        var count = 0
        while count < Self.discardLimit, let bytes = try await reader.nextBytes() { count += bytes.readableBytes }
    }

    private func refuse(
        _ message: String,
        _ reader: inout PacketReader,
        _ sink: any ByteSink
    ) async throws -> ConversationError {
        try await discard(&reader)
        var buffer = ByteBuffer()
        buffer.writeErrorPkt(message)
        try await sink.write(buffer)
        return .refused(message)
    }

    /// Tells the client what happened.
    private func report(_ push: Push, _ sink: any ByteSink) async throws -> PushSummary {
        if push.request.reportStatus {
            var report = ByteBuffer()
            push.report.write(into: &report, version2: push.request.reportStatusV2)
            var buffer = ByteBuffer()
            buffer.writeSideBand(.data, report.readableBytesView, limit: push.request.sideBand)
            if push.request.sideBand != .none { buffer.writeFlushPkt() }
            try await sink.write(buffer)
        }
        return push.summary
    }
}
