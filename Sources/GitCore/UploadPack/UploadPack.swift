import NIOCore

/// The server's side of `git-upload-pack`: clones and fetches, protocol versions 0, 1 and 2.
///
/// Knows no transport: it reads a `ByteSource` and writes a `ByteSink`. Over HTTP each request is a conversation of its
/// own (`isStateless`); over SSH one conversation does it all.
///
/// - Source: gitprotocol-pack(5), gitprotocol-v2(5).
package struct UploadPack: Sendable {
    let repository: GitRepository
    /// The refs that this client may see.
    let snapshot: RefSnapshot
    let hasHiddenRefs: Bool
    let settled: PackSet?
    let context: GitContext
    let isStateless: Bool
    /// What version 2 offers beside the plain commands.
    let features: V2Features

    /// - Parameters:
    ///   - snapshot: all refs; hidden ones are taken out here.
    ///   - settled: the packs that were there before `snapshot` was read, when no push was between publishing its pack
    ///     and changing refs; what the refs do not lead to of such packs is known to the snapshot. Nil when that is not known.
    ///   - sessionID: names the conversation in the logs of both sides; printable ASCII without spaces.
    package init(
        repository: GitRepository,
        snapshot: RefSnapshot,
        context: GitContext,
        isStateless: Bool,
        settled: PackSet? = nil,
        sessionID: String? = nil
    ) {
        var features = V2Features()
        features.sessionID = sessionID
        self.features = features
        self.repository = repository
        self.snapshot = snapshot.visible()
        hasHiddenRefs = self.snapshot.refs.count != snapshot.refs.count
        self.context = context
        self.isStateless = isStateless
        self.settled = settled
    }

    /// Whether everything that is stored is reachable from refs that the client may see.
    private func isEverythingSettled(_ state: FetchState) -> Bool {
        snapshot.everyObjectReachable && !hasHiddenRefs && settled?.isSame(as: state.packs) == true
    }

    /// Writes the advertisement: refs for versions 0 and 1, capabilities for version 2.
    package func advertise(_ version: GitProtocolVersion, to sink: any ByteSink) async throws {
        var buffer = ByteBuffer()
        UploadPackAdvertisement(
            snapshot: snapshot,
            version: version,
            agent: context.agent,
            isStateless: isStateless,
            features: features
        ).write(into: &buffer)
        try await sink.write(buffer)
    }

    /// Answers what the client sends until it is done.
    ///
    /// Errors of the client are answered in its language and end the conversation.
    /// - Throws: `ConversationError.refused` after such an answer; errors of transport and storage otherwise.
    package func serve(
        _ version: GitProtocolVersion,
        input: ByteSource,
        to sink: any ByteSink
    ) async throws -> PackSummary? {
        do {
            var reader = PacketReader(input)
            if version == .v2 { return try await serveV2(&reader, sink) }
            return try await serveV0(&reader, sink)
        } catch let error as RequestError {
            throw try await refuse(error.message, sink)
        } catch let error as PktLineError {
            throw try await refuse(error.message, sink)
        } catch is TruncatedStream {
            throw try await refuse("the request is cut off", sink)
        }
    }

    /// Answers with `ERR`.
    func refuse(_ message: String, _ sink: any ByteSink) async throws -> ConversationError {
        var buffer = ByteBuffer()
        buffer.writeErrorPkt(message)
        try await sink.write(buffer)
        return .refused(message)
    }

    /// Sends the pack for a negotiated request; failures from here on are reported on band 3.
    func sendPack(
        _ request: FetchRequest,
        common: [ObjectID],
        boundary: ShallowBoundary?,
        _ state: FetchState,
        _ sink: any ByteSink
    ) async throws -> PackSummary {
        var wanted = ObjectSelection.Request()
        wanted.wants = request.wants
        wanted.haves = common
        wanted.clientShallows = state.clientShallows
        wanted.shallow = boundary
        wanted.filter = request.filter
        if request.includeTag {
            wanted.tags = snapshot.refs.compactMap { ref in ref.peeled.map { (ref.oid, $0) } }
        }
        let isWhole =
            isEverythingSettled(state) && WholeSelection.answers(wanted, snapshot.refs, takesTags: request.includeTag)
        // A client that leaves objects out may not have the bases that we would think it has.
        let options = PackStream.Options(
            ofsDelta: request.ofsDelta,
            thin: request.thinPack && request.filter == nil,
            temporaryDirectory: repository.quarantinePath
        )
        let sender = PackSender(sink: sink, context: context, request: request)
        do {
            if let cache = context.packCache, let seat = try join(cache, wanted, isWhole, options, state.packs) {
                do { return try await sender.send(seat, of: cache) } catch is PackCacheError {
                    // This client gets one of its own.
                }
            }
            let selection = try FetchSelection(
                wanted,
                reader: state.reader,
                isWhole: isWhole,
                fewCommits: context.limits.commitsWithoutBitmaps
            )
            return try await sender.send(selection, options)
        } catch let error where error is PackError || error is FileError || error is ObjectError {
            var buffer = ByteBuffer()
            buffer.writeSideBand(.fatal, text: "the server cannot read the repository\n", limit: request.sideBand)
            try await sink.write(buffer)
            throw error
        }
    }
}

extension UploadPack {
    /// Clients that have said more of what they have are alone with their question.
    private static let mostHaves = 10_000

    /// A part in the pack that all get who ask for the same.
    private func join(
        _ cache: PackCache,
        _ wanted: ObjectSelection.Request,
        _ isWhole: Bool,
        _ options: PackStream.Options,
        _ packs: PackSet
    ) throws -> PackCache.Seat? {
        guard wanted.haves.count <= Self.mostHaves else { return nil }
        let key = try PackKey(wanted, isWhole: isWhole, from: packs, of: repository.path, options)
        let production = PackProduction(
            wanted: wanted,
            isWhole: isWhole,
            packs: packs,
            options: options,
            fewCommits: context.limits.commitsWithoutBitmaps,
            now: context.now
        )
        return cache.join(key, production)
    }
}

/// Why a conversation ended before its end.
package enum ConversationError: Error, Sendable, Equatable {
    /// The client was told what is wrong; the text is what it was told.
    case refused(String)
}

/// What the rounds of one fetch share.
///
/// Belongs to one conversation.
final class FetchState {
    let packs: PackSet
    let reader: ObjectReader
    let table: CommitTable
    private var readiness: Readiness
    /// Objects that the client has and the repository too, commits only, in the client's order.
    private(set) var common: [ObjectID] = []
    private var wants: [CommitTable.Number] = []

    /// The client's boundary, as far as it lies in what the client may see.
    private(set) var clientShallows: [ObjectID] = []
    /// Commits that the client may see; nil when that is every commit there is.
    private let visible: Set<ObjectID>?

    /// - Parameter visible: commits that the client may see; nil when that is every commit there is.
    init(_ packs: PackSet, visible: Set<ObjectID>?) throws {
        self.packs = packs
        self.visible = visible
        reader = try ObjectReader(packs)
        table = CommitTable(reader)
        readiness = Readiness(table)
    }

    func setWants(_ oids: [ObjectID]) throws {
        wants = try commits(oids)
    }

    /// Notes the client's boundary.
    ///
    /// What is not there, or not to be seen, is no boundary: nothing may be learnt of it.
    func setShallows(_ oids: [ObjectID]) {
        clientShallows = oids.filter { visible?.contains($0) ?? packs.contains($0) }
    }

    /// Notes a have; true when the repository has the object, and the client may know it.
    func addHave(_ oid: ObjectID) throws -> Bool {
        guard let (target, type) = try table.peel(oid) else { return false }
        if let visible, !visible.contains(target) { return false }
        if type == .commit {
            common.append(target)
            try readiness.addCommon(table.number(of: target))
        }
        return true
    }

    /// Whether every want leads to something common.
    ///
    /// Each answer costs a walk, and a client can ask a million times: after the first few, a walk is due only when the
    /// common commits have doubled. An old "no" only makes the negotiation longer.
    func isReady() throws -> Bool {
        guard !known.isReady, common.count > known.commonCount else { return known.isReady }
        guard known.walks < Self.freeWalks || common.count >= 2 * known.commonCount else { return false }
        known = (try readiness.isReady(wants: wants), common.count, known.walks + 1)
        return known.isReady
    }

    private var known = (isReady: false, commonCount: 0, walks: 0)
    private static let freeWalks = 64

    /// The commits among what `oids` finally point to.
    func commits(_ oids: [ObjectID]) throws -> [CommitTable.Number] {
        try oids.compactMap { oid in
            guard let (target, type) = try table.peel(oid), type == .commit else { return nil }
            return table.number(of: target)
        }
    }
}
