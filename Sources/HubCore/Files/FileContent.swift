package import Access
package import GitCore
import LFS
import Metadata
import NIOCore
import ObjectStore

/// A file at a revision, and ways to its bytes.
package struct FileContent: Sendable {
    /// Where the bytes are.
    package enum Source: Sendable {
        /// In a pack.
        case blob(BlobContent)
        /// In the store of large files.
        case large(LFSDownload)
    }

    /// The repository.
    package let repositoryID: RecordID
    /// The commit that the revision means.
    package let commit: ObjectID
    /// The file.
    package let entry: FileEntry
    /// Whether everybody may read it.
    package let isPublic: Bool
    /// Where its bytes are.
    package let source: Source
}

/// A blob that can be sent, whole or in part, in bounded memory.
package struct BlobContent: Sendable {
    /// Bytes of the content.
    package let size: Int64
    let oid: ObjectID
    let repository: OpenRepository
    let git: GitAccess

    /// Sent at a time.
    private static let pieceBytes = 256 << 10

    private enum Loaded {
        case bytes([UInt8])
        case spooled(SpooledObject)
    }

    /// Sends a range, which must lie within the content.
    ///
    /// - Throws: errors of damaged packs, before anything is sent.
    package func send(_ range: Range<Int64>, to sink: any ByteSink) async throws {
        switch try await load() {
        case .bytes(let bytes):
            try await sink.write(ByteBuffer(bytes: bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
        case .spooled(let object):
            var position = range.lowerBound
            while position < range.upperBound {
                let (start, count) = (position, Int(min(Int64(Self.pieceBytes), range.upperBound - position)))
                let piece = try await git.onExecutor {
                    var buffer = ByteBufferAllocator().buffer(capacity: count)
                    try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                        try object.file.readAll(into: .init(rebasing: bytes[..<count]), at: start)
                        return count
                    }
                    return buffer
                }
                try await sink.write(piece)
                position += Int64(count)
            }
        }
    }

    /// What is larger than may be in memory goes through a file without a name.
    private func load() async throws -> Loaded {
        let limit = git.context.limits.objectBytesInMemory
        return try await git.onExecutor {
            let reader = try ObjectReader(repository.files.packs.current())
            guard let location = reader.packs.locate(oid) else { throw PackError.missing(oid) }
            if let object = try reader.objectInMemory(at: location, limit: limit) { return .bytes(object.bytes) }
            return .spooled(try reader.spool(location, in: repository.files.quarantinePath))
        }
    }
}

extension Files {
    /// A file at a revision.
    ///
    /// - Throws: `FileMissing` with the commit when there is no such file; `HubError.notFound` about the revision.
    package func file(
        _ address: RepositoryAddress,
        revision: String,
        path: String,
        followsPointers: Bool,
        by actor: Actor
    ) async throws -> FileContent {
        let scene = try await scene(address, .readContent, by: actor)
        let (commit, entry) = try await browse(scene, revision) { commit, browser in
            (commit, try browser.entry(at: FileBrowser.components(path)))
        }
        guard var entry, entry.kind == .file else { throw FileMissing(commit: commit) }
        let isPublic = scene.record.visibility == .public && scene.record.gate == .open
        func content(_ source: FileContent.Source) -> FileContent {
            FileContent(
                repositoryID: scene.record.id,
                commit: commit,
                entry: entry,
                isPublic: isPublic,
                source: source
            )
        }
        if followsPointers, let link = entry.lfs {
            let download = try await large(link.object, in: scene.record, commit)
            let (oid, id) = (link.object.oid.hex, scene.record.id)
            entry.lfs?.xetHash = try await lfs.database.read { try $0.xetHashes(oids: [oid], repositoryID: id) }[oid]
            return content(.large(download))
        }
        entry.size = entry.lfs?.pointerSize ?? entry.size
        let blob = BlobContent(size: entry.size, oid: entry.oid, repository: scene.repository, git: git)
        return content(.blob(blob))
    }

    private func large(_ object: LFSObject, in record: RepositoryRecord, _ commit: ObjectID) async throws -> LFSDownload
    {
        do {
            return try await lfs.open(object.oid) { _ in record.id }
        } catch let failure as LFSFailure where failure.status == 404 || failure.status == 410 {
            throw FileMissing(commit: commit, reason: "The content of this file was never uploaded, or was removed.")
        }
    }
}

/// That a revision has no such file; clients remember that by the commit.
package struct FileMissing: Error, Sendable {
    /// The commit that the revision means.
    package let commit: ObjectID
    /// One sentence for the client.
    package var reason = Files.missingEntry.message
}
