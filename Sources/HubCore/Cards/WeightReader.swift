import Access
import GitCore
import JSON
import LFS
import Metadata
import NIOCore
import ObjectStore

/// A file of weights: an object in the store of large files, or the first bytes of a blob.
enum WeightFile: Sendable {
    case large(LFSObject)
    case header([UInt8])

    /// The most files that the weights of one model are in.
    static let most = 512
    /// Blobs beyond that many bytes are large files elsewhere; git would have to inflate them whole.
    private static let largestBlob = 16 << 20
    /// Bytes of blobs that are inflated for their headers, together.
    private static let mostBlobBytes: Int64 = 256 << 20
    private static let longestIndex = 8 << 20

    /// That there is more in the headers of some files, or in blobs, than is read.
    struct TooLarge: Error {}

    /// Files at the root; none when one of them is not there.
    ///
    /// - Parameter headerBytes: of the headers of blobs, together.
    /// - Throws: `TooLarge`; errors of damaged packs.
    static func all(
        _ names: [String],
        in root: Directory,
        _ browser: FileBrowser,
        headerBytes: Int
    ) throws -> [WeightFile] {
        var (found, headersLeft, blobsLeft) = ([WeightFile](), headerBytes, mostBlobBytes)
        for name in names {
            try Task.checkCancellation()
            guard let file = try file(name, in: root, browser, &blobsLeft) else { return [] }
            // What is held at a time counts: a tree may name one blob as often as it likes.
            if case .header(let bytes) = file { headersLeft -= bytes.count }
            guard headersLeft >= 0 else { throw TooLarge() }
            found.append(file)
        }
        return found
    }

    /// The names of the files with a model's weights: one, or those that an index names.
    static func names(in root: Directory, _ browser: FileBrowser) throws -> [String] {
        let single = "model.safetensors"
        if root.index(of: Array(single.utf8)) != nil { return [single] }
        if let index = try browser.content(of: "\(single).index.json", in: root, limit: longestIndex) {
            return shards(index)
        }
        let others = root.entries.filter { $0.kind == .file && $0.name.suffix(12).elementsEqual(".safetensors".utf8) }
        return others.count == 1 ? others.map { String(decoding: $0.name, as: UTF8.self) } : []
    }

    /// The files that an index names.
    static func shards(_ index: [UInt8]) -> [String] {
        var limits = JSONLimits(bytes: longestIndex)
        limits.values = 400_000
        let document = try? JSONValue(parsing: index, limits: limits)
        return Set(document?["weight_map"]?.members?.compactMap(\.value.text) ?? []).sorted()
    }

    private static func file(
        _ name: String,
        in root: Directory,
        _ browser: FileBrowser,
        _ blobsLeft: inout Int64
    ) throws -> WeightFile? {
        guard let index = root.index(of: Array(name.utf8)), root.entries[index].kind == .file,
            let facts = try root.facts(at: index, browser.reader)
        else { return nil }
        if let object = facts.pointer { return .large(object) }
        guard facts.size <= Int64(largestBlob) else { return nil }
        blobsLeft -= facts.size
        guard blobsLeft >= 0 else { throw TooLarge() }
        guard let bytes = try browser.content(of: name, in: root, limit: largestBlob),
            let length = WeightCounts.headerLength(bytes, fileSize: facts.size)
        else { return nil }
        return .header(Array(bytes.dropFirst(WeightCounts.prefixBytes).prefix(length)))
    }
}

/// Reads the headers of weights, and nothing but the headers.
struct WeightReader {
    let files: Files
    let repositoryID: RecordID

    /// Most headers are shorter than that, and come with the first request.
    private static let firstBytes: Int64 = 128 << 10
    /// Bytes of all headers together.
    static let mostBytes = 64 << 20

    /// Counts the parameters in all files; nil when one of them cannot be read, or there are none.
    ///
    /// - Throws: `LFSFailure` when the store cannot be reached.
    func count(_ weights: [WeightFile]) async throws -> WeightCounts? {
        var (sum, left) = (WeightCounts(), Self.mostBytes)
        for file in weights {
            try Task.checkCancellation()
            guard let header = try await header(of: file) else { return nil }
            left -= header.count
            guard left >= 0, let counts = WeightCounts(header: header), sum.add(counts) else { return nil }
        }
        return weights.isEmpty ? nil : sum
    }

    /// The header of a file; nil when it has none.
    func header(of file: WeightFile) async throws -> [UInt8]? {
        switch file {
        case .header(let bytes): return bytes
        case .large(let object):
            do {
                return try await header(of: object)
            } catch let failure as LFSFailure where failure.status == 404 || failure.status == 410 {
                return nil
            }
        }
    }

    /// Only what the repository has: its pointers may name objects of others.
    private func header(of object: LFSObject) async throws -> [UInt8]? {
        let id = repositoryID
        let download = try await files.lfs.open(object.oid) { _ in id }
        let first = try await bytes(download, 0..<min(Self.firstBytes, download.size))
        guard let length = WeightCounts.headerLength(first, fileSize: download.size) else { return nil }
        let end = WeightCounts.prefixBytes + length
        var header = first.dropFirst(WeightCounts.prefixBytes).prefix(length)
        if end > first.count { header += try await bytes(download, Int64(first.count)..<Int64(end)) }
        return header.count == length ? Array(header) : nil
    }

    private func bytes(_ download: LFSDownload, _ range: Range<Int64>) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in try await download.read(range).bytes {
            bytes += piece.readableBytesView.prefix(Int(range.upperBound - range.lowerBound) - bytes.count)
        }
        return bytes
    }
}
