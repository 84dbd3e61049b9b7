import GitCore
import NIOCore
import ObjectStore

extension TransferServer {
    func batch(_ command: TransferCommand) async throws {
        if let algorithm = command["hash-algo"], algorithm != "sha256" {
            throw LFSFailure(status: 409, "The only hash algorithm here is sha256.")
        }
        let refName = try refName(of: command)
        let objects = try await batchObjects()
        let verdicts = try await backend.batch(objects, refName: refName)
        let lines = zip(objects, verdicts).map { object, verdict in
            "\(object.oid) \(object.size) \(verdict.rawValue)"
        }
        try await send(TransferReply(status: 200, arguments: [("hash-algo", "sha256")], lines: lines))
    }

    /// Reads the "oid size" lines; whatever else stands on them is ignored.
    private func batchObjects() async throws -> [LFSObject] {
        var objects: [LFSObject] = []
        while let packet = try await inbox.nextInCommand() {
            guard case .data(let payload) = packet else {
                throw TransferError.malformed("a special packet inside a batch")
            }
            guard objects.count < limits.objects else {
                throw LFSFailure.tooLarge("A batch may have \(limits.objects) objects. Send smaller batches.")
            }
            guard let line = transferLine(payload, limit: limits.argumentBytes),
                let object = LFSObject(words: line.utf8.split(separator: UInt8(ascii: " "), maxSplits: 2))
            else { throw LFSFailure.unprocessable("Line \(objects.count + 1) of the batch is not an oid and a size.") }
            objects.append(object)
        }
        return objects
    }

    func putObject(_ command: TransferCommand) async throws {
        try require(.upload)
        guard let object = LFSObject(oid: command.operand, size: command["size"]) else {
            throw LFSFailure.badRequest("put-object needs an oid and a size.")
        }
        guard command.hasMore else { throw LFSFailure.badRequest("put-object needs the object's data.") }
        try await backend.upload(object, bytes: ObjectData(inbox: inbox))
        try await inbox.finishCommand()
        try await send(.ok)
    }

    func verifyObject(_ command: TransferCommand) async throws {
        try require(.upload)
        // The document has the size behind the oid, the client sends an argument.
        let words = command.operand.utf8.split(separator: UInt8(ascii: " "))
        guard let object = LFSObject(words: words) ?? LFSObject(oid: command.operand, size: command["size"]) else {
            throw LFSFailure.badRequest("verify-object needs an oid and a size.")
        }
        try await inbox.finishCommand()
        try await backend.verify(object)
        try await send(.ok)
    }

    func getObject(_ command: TransferCommand) async throws {
        try require(.download)
        guard let oid = ObjectKey(hex: command.operand) else {
            throw LFSFailure.badRequest("get-object needs an oid.")
        }
        try await inbox.finishCommand()
        let download = try await backend.download(oid)
        do {
            try await send(download)
        } catch let failure as LFSFailure {
            // A status would be read as bytes of the object now.
            throw TransferFault.interrupted(failure)
        }
    }

    private func send(_ download: TransferDownload) async throws {
        var head = ByteBuffer()
        TransferReply(status: 200, arguments: [("size", String(download.size))]).write(to: &head)
        head.writeDelimPkt()
        try await sink.write(head)
        var left = download.size
        for try await bytes in download.bytes {
            left -= Int64(bytes.readableBytes)
            guard left >= 0 else { break }
            try await sendData(bytes)
        }
        guard left == 0 else { throw TransferFault.wrongLength(announced: download.size) }
        var end = ByteBuffer()
        end.writeFlushPkt()
        try await sink.write(end)
    }

    /// git-lfs takes packets up to 65 519 bytes with their length field, one less than git does.
    private static let largestPayload = 65_519 - PktLen.byteCount

    private func sendData(_ bytes: ByteBuffer) async throws {
        var rest = bytes
        while rest.readableBytes > 0 {
            guard let payload = rest.readSlice(length: min(rest.readableBytes, Self.largestPayload)) else { return }
            var packet = ByteBuffer()
            packet.reserveCapacity(PktLen.byteCount + payload.readableBytes)
            packet.writePktLine { $0.writeImmutableBuffer(payload) }
            try await sink.write(packet)
        }
    }

    /// The `refname` of a command, when it has one.
    func refName(of command: TransferCommand) throws(LFSFailure) -> String? {
        guard let name = command["refname"], !name.isEmpty else { return nil }
        return try RequestBody.checkedRefName(name)
    }
}

extension LFSObject {
    fileprivate init?(oid: some StringProtocol, size: (some StringProtocol)?) {
        guard let key = ObjectKey(hex: oid), let size = size.flatMap({ canonicalDecimal($0.utf8) }) else { return nil }
        self.init(oid: key, size: size)
    }

    /// Reads an oid and a size, the first two of `words`.
    fileprivate init?(words: [Substring.UTF8View]) {
        guard words.count >= 2 else { return nil }
        self.init(oid: Substring(words[0]), size: Substring(words[1]))
    }
}
