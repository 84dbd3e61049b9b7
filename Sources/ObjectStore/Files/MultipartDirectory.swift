import Glibc
import OpenSSLKit

/// One multipart upload on disk: `manifest`, the parts `00001` and so on, and `done` once it was published.
///
/// A part is its bytes and then the 32 bytes of their SHA-256, so that one rename replaces both.
struct MultipartDirectory: Sendable {
    let path: String

    /// The directory of an upload; nil when the text cannot be an id of ours, and so can name no path.
    init?(id: String, in layout: StoreLayout) {
        guard id.utf8.count == 32, id.utf8.allSatisfy({ Self.digits.contains($0) }) else { return nil }
        path = layout.multipart + "/" + id
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// The file of a part.
    func part(_ number: Int) -> String {
        let digits = String(number)
        return path + "/" + String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
    }

    private var manifestPath: String { path + "/manifest" }
    private var donePath: String { path + "/done" }

    /// Makes the directory, durably.
    func create(_ manifest: MultipartManifest) throws {
        try StoreDirectories.create(path)
        let file = try StoreFile.create(manifestPath)
        try Array(manifest.text.utf8).withUnsafeBytes { try file.write($0, at: 0) }
        try file.synchronize()
        try StoreDirectories.synchronize(path)
    }

    /// What was said at the beginning.
    /// - Throws: `.noSuchUpload` when there is no such directory, or it is another object's.
    func manifest(of key: ObjectKey) throws -> MultipartManifest {
        guard let file = try StoreFile.open(manifestPath) else { throw ObjectStoreError.noSuchUpload }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        guard let manifest = MultipartManifest(String(decoding: bytes[..<count], as: UTF8.self)), manifest.key == key
        else { throw ObjectStoreError.noSuchUpload }
        return manifest
    }

    /// Whether the object was published from these parts.
    func isDone() throws -> Bool { try StoreDirectories.status(donePath) != nil }

    /// Notes that the object is published, and drops the parts.
    func finish() throws {
        if let file = try? StoreFile.create(donePath) { try file.synchronize() }
        for name in try StoreDirectories.names(in: path) where Int(name) != nil {
            _ = try StoreDirectories.removeFile(path + "/" + name)
        }
    }

    /// Removes everything, out of sight first so that a part that comes at this moment does not survive.
    func remove(by temporary: String) throws {
        guard try StoreDirectories.rename(path, to: temporary) else { return }
        try StoreDirectories.removeTree(temporary)
    }
}

/// What was said when an upload began.
package struct MultipartManifest: Equatable {
    package var key: ObjectKey
    package var size: Int64
    package var partSize: Int64

    /// How many parts there are; at least one, also for an empty object.
    package var partCount: Int64 { max(1, size / partSize + (size % partSize > 0 ? 1 : 0)) }

    /// The size that part `number` must have; nil when there is no such part.
    package func size(ofPart number: Int) -> Int64? {
        guard MultipartLimits.partNumbers.contains(number), Int64(number) <= partCount else { return nil }
        return number == Int(partCount) ? size - (partCount - 1) * partSize : partSize
    }

    /// Takes sizes that 10,000 parts can hold; nil for others.
    package init?(key: ObjectKey, size: Int64, partSize: Int64) {
        guard size >= 0, (1...MultipartLimits.maximumPartSize).contains(partSize) else { return nil }
        (self.key, self.size, self.partSize) = (key, size, partSize)
        guard partCount <= MultipartLimits.partNumbers.upperBound else { return nil }
    }

    /// As it stands in the file.
    package var text: String { "granary-multipart 1\nkey \(key.hex)\nsize \(size)\npart-size \(partSize)\n" }

    /// Reads the text again; nil when anything is not as we write it.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 5, lines[0] == "granary-multipart 1", lines[1].hasPrefix("key "),
            lines[2].hasPrefix("size "), lines[3].hasPrefix("part-size "), lines[4].isEmpty,
            let key = ObjectKey(hex: lines[1].dropFirst(4)), let size = Int64(lines[2].dropFirst(5)),
            let partSize = Int64(lines[3].dropFirst(10))
        else { return nil }
        self.init(key: key, size: size, partSize: partSize)
    }
}
