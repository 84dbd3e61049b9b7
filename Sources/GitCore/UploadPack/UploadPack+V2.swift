import NIOCore

extension UploadPack {
    /// Protocol version 2: requests one after the other until the client ends.
    func serveV2(_ reader: inout PacketReader, _ sink: any ByteSink) async throws -> PackSummary? {
        var parser = V2RequestParser(limits: context.limits, features: features)
        var summary: PackSummary?
        while let packet = try await reader.next() {
            switch try parser.receive(packet) {
            case .incomplete:
                continue
            case .noMoreRequests:
                return summary
            case .complete(let request):
                summary = try await answer(request.command, sink) ?? summary
                if isStateless { return summary }
            }
        }
        guard parser.isAtStart else { throw TruncatedStream() }
        return summary
    }

    private func answer(_ command: V2Command, _ sink: any ByteSink) async throws -> PackSummary? {
        switch command {
        case .lsRefs(let request):
            for buffer in request.response(from: snapshot) { try await sink.write(buffer) }
        case .fetch(let request):
            return try await fetch(request, sink)
        case .objectInfo(let request):
            try await answer(request, sink)
        }
        return nil
    }

    private func answer(_ request: ObjectInfoRequest, _ sink: any ByteSink) async throws {
        let state = try await self.state()
        var buffer = ByteBuffer()
        request.writeHeader(into: &buffer)
        // What may not be fetched is not there.
        let refused = try await check(state).refused(among: request.oids)
        for oid in request.oids {
            let isServed = !refused.contains(oid)
            request.writeLine(oid, size: isServed ? try state.reader.header(of: oid)?.size : nil, into: &buffer)
        }
        buffer.writeFlushPkt()
        try await sink.write(buffer)
    }

    private func fetch(_ original: FetchRequest, _ sink: any ByteSink) async throws -> PackSummary? {
        var request = original
        let wantedRefs = try original.wantRefs.map { wanted in
            guard let oid = oid(of: wanted) else { throw RequestError.unexpectedLine("want-ref \(wanted.name)") }
            return (name: wanted.name, oid: oid)
        }
        request.wants += wantedRefs.map(\.oid)
        let state = try await self.state()
        if let refused = try await check(state).firstRefused(of: request.wants) {
            throw try await refuse("upload-pack: not our ref \(refused)", sink)
        }
        try state.setWants(request.wants)
        state.setShallows(request.shallows)
        let boundary = try boundary(for: request, state)
        var buffer = ByteBuffer()
        guard try await negotiate(request, state, sink, &buffer) else { return nil }
        // gitprotocol-v2 lists shallow-info before wanted-refs, and clients read them in that order only.
        if let boundary {
            ShallowUpdate(shallow: boundary.shallow, unshallow: boundary.unshallow)
                .writeSection(into: &buffer, sidebandAll: request.sidebandAll)
            buffer.writeDelimPkt()
        }
        if !wantedRefs.isEmpty {
            buffer.writeWantedRefs(wantedRefs, sidebandAll: request.sidebandAll)
            buffer.writeDelimPkt()
        }
        buffer.writeResponseLine("packfile", sidebandAll: request.sidebandAll)
        try await sink.write(buffer)
        return try await sendPack(request, common: state.common, boundary: boundary, state, sink)
    }

    private func oid(of wanted: WantedRef) -> ObjectID? {
        switch wanted {
        case .head: snapshot.head?.oid
        case .ref(let name): snapshot.ref(named: name)?.oid
        }
    }

    /// Looks at the haves; true when sections with the pack follow, which `buffer` may have begun.
    private func negotiate(
        _ request: FetchRequest,
        _ state: FetchState,
        _ sink: any ByteSink,
        _ buffer: inout ByteBuffer
    ) async throws -> Bool {
        let negotiation = V2Negotiation(for: request)
        var common: [ObjectID] = []
        for (index, oid) in request.haves.enumerated() {
            if try state.addHave(oid) { common.append(oid) }
            if index.isMultiple(of: 1_000) {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
        switch negotiation.opening {
        case .nothing:
            buffer.writeFlushPkt()
        case .pack:
            return true
        case .acknowledge:
            let isReady = try negotiation.needsReadiness && state.isReady()
            if negotiation.writeAcknowledgments(common: common, isReady: isReady, into: &buffer) { return true }
        }
        try await sink.write(buffer)
        return false
    }
}
