import NIOCore

/// The server's side of `git-upload-archive`: archives of what refs point to.
///
/// Knows no transport. Refusals before the archive begins are `NACK` lines, later ones come on band 3.
///
/// - Source: git's `builtin/upload-archive.c` and `archive.c`; there is no other document.
package struct UploadArchive: Sendable {
    private let repository: GitRepository
    private let snapshot: RefSnapshot
    private let context: GitContext
    private let time: Int64

    /// - Parameters:
    ///   - snapshot: all refs; hidden ones are taken out here.
    ///   - time: seconds since 1970, for archives of directories, which have no time of their own.
    package init(repository: GitRepository, snapshot: RefSnapshot, context: GitContext, time: Int64) {
        self.repository = repository
        self.snapshot = snapshot.visible()
        self.context = context
        self.time = time
    }

    /// Answers one request; nil when the client hung up before it made one.
    ///
    /// - Throws: `ConversationError.refused` after the client was told so; errors of transport and storage otherwise.
    package func serve(input: ByteSource, to sink: any ByteSink) async throws -> ArchiveSummary? {
        let plan: Plan
        do {
            var reader = PacketReader(input)
            guard let arguments = try await readArguments(&reader) else { return nil }
            plan = try await self.plan(ArchiveOptions(parsing: arguments))
        } catch let error as ArchiveRefusal {
            throw try await refuse(error.message, sink)
        } catch let error as RequestError {
            throw try await refuse(error.message, sink)
        } catch let error as PktLineError {
            throw try await refuse(error.message, sink)
        } catch is TruncatedStream {
            throw try await refuse("the request is cut off", sink)
        }
        var buffer = ByteBuffer()
        buffer.writePktLine("ACK")
        buffer.writeFlushPkt()
        try await sink.write(buffer)
        return try await answer(plan, sink)
    }

    /// What was asked for, checked.
    private enum Plan {
        case list
        case archive(ArchiveOptions, ArchiveTree, [ArchivePathspec], ObjectReader)
    }

    private static let limits = ArchiveLimits()

    private func readArguments(_ reader: inout PacketReader) async throws -> [[UInt8]]? {
        var parser = ArchiveRequestParser(limits: Self.limits)
        while let packet = try await reader.next() {
            if let arguments = try parser.receive(packet) { return arguments }
        }
        guard parser.isAtStart else { throw TruncatedStream() }
        return nil
    }

    private func plan(_ options: ArchiveOptions) async throws -> Plan {
        guard !options.isList else { return .list }
        let reader = try ObjectReader(repository.packs.current())
        let tree = try ArchiveTree(resolving: options.tree, in: snapshot, reader)
        var pathspecs: [ArchivePathspec] = []
        for text in options.pathspecs {
            let pathspec = try ArchivePathspec(text)
            guard try await exists(pathspec, in: tree, reader) else { throw ArchiveRefusal.noMatch(text.excerpt) }
            pathspecs.append(pathspec)
        }
        return .archive(options, tree, pathspecs, reader)
    }

    /// Whether anything in the tree is what a pathspec names, ignored or not.
    private func exists(_ pathspec: ArchivePathspec, in tree: ArchiveTree, _ reader: ObjectReader) async throws -> Bool
    {
        var current = tree.tree
        var components = pathspec.path.split(separator: UInt8(ascii: "/"))[...]
        guard let last = components.popLast() else { return true }
        for component in components {
            guard let entry = try reader.entry(named: component, in: current), entry.kind == .tree else {
                return try await isMatched(pathspec, in: tree, reader)
            }
            current = entry.oid
        }
        if let entry = try reader.entry(named: last, in: current), !pathspec.isDirectoryOnly || entry.kind != .blob {
            return true
        }
        return try await isMatched(pathspec, in: tree, reader)
    }

    /// Whether anything matches a pattern; false for plain paths.
    private func isMatched(
        _ pathspec: ArchivePathspec,
        in tree: ArchiveTree,
        _ reader: ObjectReader
    ) async throws -> Bool {
        guard pathspec.isPattern else { return false }
        let walk = TreeWalk(reader, limits: Self.limits)
        try walk.enter(tree.tree)
        var count = 0
        while let step = try walk.next() {
            guard case .entry(let entry) = step else { continue }
            if pathspec.names(walk.path, entry.kind) { return true }
            if entry.kind == .tree, pathspec.interest(in: walk.path, .tree) != .none { try walk.enter(entry.oid) }
            count += 1
            guard count.isMultiple(of: Self.stepCount) else { continue }
            try Task.checkCancellation()
            await Task.yield()
        }
        return false
    }

    /// Entries between two chances for others.
    private static let stepCount = 256

    private func answer(_ plan: Plan, _ sink: any ByteSink) async throws -> ArchiveSummary {
        do {
            switch plan {
            case .list:
                let output = try ArchiveOutput(sink, gzipLevel: nil, limit: 1_024, now: context.now)
                try output.append(Array(ArchiveFormat.names.map { $0 + "\n" }.joined().utf8))
                try await output.finish()
                return ArchiveSummary(entries: 0, bytes: output.sent)
            case .archive(let options, let tree, let pathspecs, let reader):
                return try await write(options, tree, pathspecs, reader, sink)
            }
        } catch let refusal as ArchiveRefusal {
            try await fail(refusal.message, sink)
            throw ConversationError.refused(refusal.message)
        } catch let error where error is PackError || error is FileError || error is ObjectError || error is DeltaError
        {
            try await fail("the server cannot read the repository", sink)
            throw error
        }
    }

    private func write(
        _ options: ArchiveOptions,
        _ tree: ArchiveTree,
        _ pathspecs: [ArchivePathspec],
        _ reader: ObjectReader,
        _ sink: any ByteSink
    ) async throws -> ArchiveSummary {
        var gzipLevel: Int32?
        if case .tarGzip = options.format { gzipLevel = options.level ?? Self.usualLevel }
        let output = try ArchiveOutput(sink, gzipLevel: gzipLevel, limit: Self.limits.bytes, now: context.now)
        let writer = try writer(options, tree, reader, output)
        let limits = Self.limits
        let contents = try ArchiveContents(
            reader,
            root: tree.tree,
            prefix: options.prefix,
            pathspecs: pathspecs,
            limits: limits
        )
        var count = 0
        func add(_ entry: ArchiveEntry) async throws {
            if options.isVerbose { output.say(entry.path) }
            count += 1
            try await writer.add(entry)
        }
        if let entry = contents.prefixEntry { try await add(entry) }
        while let entries = try contents.next() {
            for entry in entries { try await add(entry) }
            try await output.advance()
        }
        try await writer.finish()
        try await output.finish()
        return ArchiveSummary(entries: count, bytes: output.sent)
    }

    /// zlib's own choice.
    private static let usualLevel: Int32 = -1

    private func writer(
        _ options: ArchiveOptions,
        _ tree: ArchiveTree,
        _ reader: ObjectReader,
        _ output: ArchiveOutput
    ) throws -> any ArchiveWriter {
        let source = ArchiveSource(
            reader: reader,
            temporaryDirectory: repository.quarantinePath,
            memoryLimit: context.limits.objectBytesInMemory
        )
        let time = tree.time ?? time
        switch options.format {
        case .tar, .tarGzip: return try TarWriter(source, output, time: time, commit: tree.commit)
        case .zip: return try ZipWriter(source, output, time: time, commit: tree.commit, level: options.level)
        }
    }

    private func refuse(_ message: String, _ sink: any ByteSink) async throws -> ConversationError {
        var buffer = ByteBuffer()
        buffer.writePktLine("NACK " + message.singleLine(limit: 512))
        try await sink.write(buffer)
        return .refused(message)
    }

    private func fail(_ message: String, _ sink: any ByteSink) async throws {
        var buffer = ByteBuffer()
        buffer.writeSideBand(.fatal, text: message + "\n", limit: .large)
        try await sink.write(buffer)
    }
}

/// What an archive on the wire amounted to.
package struct ArchiveSummary: Sendable, Equatable {
    /// Members of the archive.
    package var entries: Int
    /// Bytes written, framing included.
    package var bytes: Int64
}
