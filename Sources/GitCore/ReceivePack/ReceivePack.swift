import NIOCore
import OpenSSLKit

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
    let isStateless: Bool
    /// Names the quarantine; unique, safe as a file name.
    let quarantineName: String
    /// Names the conversation in the logs of both sides; printable ASCII without spaces.
    let sessionID: String?

    /// - Parameters:
    ///   - isStateless: whether the source holds this push and nothing else, as over HTTP. Over a full-duplex channel the
    ///     client may keep its half open behind the pack; what comes there is ignored.
    ///   - quarantineName: names the quarantine; unique, safe as a file name.
    package init(
        repository: GitRepository,
        target: any PushTarget,
        context: GitContext,
        isStateless: Bool,
        quarantineName: String,
        sessionID: String? = nil
    ) {
        self.repository = repository
        self.target = target
        self.context = context
        self.isStateless = isStateless
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
        var unread = Unread.nothing
        let outcome = try await converse(&reader, &unread, sink)
        if case .nothing = unread { return try outcome.get() }
        // Over HTTP the rest was read before the answer.
        if !isStateless { await UnreadBytes(now: context.now).drain(UnreadBytes.Source(reader, unread)) }
        return try outcome.get()
    }

    /// The conversation up to the answer.
    ///
    /// - Parameter unread: becomes what the client may still be sending.
    private func converse(
        _ reader: inout PacketReader,
        _ unread: inout Unread,
        _ sink: any ByteSink
    ) async throws -> Result<PushSummary?, ConversationError> {
        let message: String
        do {
            guard let request = try await readRequest(&reader) else { return .success(nil) }
            return .success(try await serve(request, &reader, &unread, sink))
        } catch let error as RequestError {
            message = error.message
        } catch let error as PktLineError {
            message = error.message
        } catch is TruncatedStream {
            message = "the request is cut off"
        }
        unread = .unknown
        try await discardIfStateless(&reader, unread)
        var buffer = ByteBuffer()
        buffer.writeErrorPkt(message)
        try await sink.write(buffer)
        return .failure(.refused(message))
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
        _ unread: inout Unread,
        _ sink: any ByteSink
    ) async throws -> PushSummary {
        let snapshot = try await target.snapshot()
        let check = CommandCheck(snapshot: snapshot, target: target, limits: context.limits)
        var push = Push(request, refusals: check.refusals(of: request.commands))
        var progress = ProgressBand(sink, band: request.sideBand, isQuiet: request.quiet, now: context.now)
        if request.expectsPack { unread = .pack(PackEnd(continuing: try SHA1Stream())) }
        if push.isAnythingLeft {
            do {
                let quarantine = try await receive(request, snapshot, &reader, &unread, &progress)
                defer { quarantine?.discard() }
                if let quarantine {
                    try decide(&push, quarantine, lost: try await lostObjects(push, quarantine, snapshot))
                    let messages = try await inspect(&push, quarantine, snapshot)
                    for message in messages { try await progress.say(message) }
                }
                try await publish(&push, quarantine)
            } catch let refusal as PackRefusal {
                push.fail(refusal)
            } catch let error as FileError where error.isOutOfSpace {
                push.fail(.limit("the server's disk is full"))
            }
        }
        try await discardIfStateless(&reader, unread)
        return try await report(push, sink)
    }

    /// Takes the pack into quarantine and checks it; nil when no pack comes.
    private func receive(
        _ request: ReceiveRequest,
        _ snapshot: RefSnapshot,
        _ reader: inout PacketReader,
        _ unread: inout Unread,
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
        quarantine.probe = target.blobProbe
        do {
            let deadline = context.now() + Int64(context.limits.pushSeconds) * 1_000_000_000
            try await receive(into: quarantine, &reader, &unread, deadline)
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

    /// Takes the pack: over HTTP everything up to the end of the request, over a full-duplex channel up to the trailer,
    /// because the client may keep its half open while it waits for the report.
    private func receive(
        into quarantine: Quarantine,
        _ reader: inout PacketReader,
        _ unread: inout Unread,
        _ deadline: Int64
    ) async throws {
        while isStateless || !quarantine.isPackComplete, let bytes = try await reader.nextBytes() {
            do {
                try bytes.withUnsafeReadableBytes { try quarantine.receive($0, stopsAtTrailer: !isStateless) }
            } catch {
                unread = .unknown
                if !isStateless, var end = quarantine.endOfRefused() {
                    let isOver = try bytes.withUnsafeReadableBytes { try end.receive($0) }
                    unread = isOver ? .nothing : .pack(end)
                }
                throw error
            }
            try checkTime(deadline)
        }
        unread = .nothing
    }

    /// Over HTTP a client reads the answer only once it has sent everything; so everything is read, within a limit.
    private func discardIfStateless(_ reader: inout PacketReader, _ unread: Unread) async throws {
        guard isStateless else { return }
        if case .nothing = unread { return }
        var count = 0
        while count < UnreadBytes.byteLimit, let bytes = try await reader.nextBytes() { count += bytes.readableBytes }
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
