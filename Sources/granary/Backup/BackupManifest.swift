import FoundationEssentials
import GitCore
import Metadata
import ObjectStore

/// What belongs to one point in time; itself a content of the backup, which the point names.
///
/// Lists are pieces that are contents again, one for each group of names, so that what did not change is not sent again.
struct BackupManifest: Codable, Sendable, Equatable {
    /// The form of manifests that this program writes and reads.
    static let format = 1

    /// The form of this one.
    var format = BackupManifest.format
    /// The program that made it.
    var version: String
    /// When the database's snapshot was taken: microseconds since 1970.
    var takenAt: Int64
    /// The version of the database's schema.
    var schema: Int64
    /// The tables of the database.
    var tables: [DatabaseDump.Table] = []
    /// Their pieces, one table after the other: SHA-256 of each.
    var pieces: [String] = []
    /// Lists of files, by the folder that the files are in: `repositories/ab`, `secrets`.
    var files: [String: String] = [:]
    /// Lists of large files, by the first two digits of their names.
    var objects: [String: String] = [:]
    /// What the hub itself lacked when the backup was made: repositories by id, large files by SHA-256.
    var missing: [String] = []
    /// How much belongs to the point, without the manifest and its lists.
    var total = BackupAmount()

    /// Reads a manifest.
    static func reading(_ bytes: [UInt8]) throws -> BackupManifest {
        let manifest: BackupManifest
        do {
            manifest = try JSONDecoder().decode(BackupManifest.self, from: Data(bytes))
        } catch {
            throw CommandFailure(.failure, "the manifest of the backup cannot be read; try another point with --at")
        }
        guard manifest.format == Self.format else {
            throw CommandFailure(.failure, "the backup has the format \(manifest.format): use a newer granary")
        }
        return manifest
    }

    /// The bytes of a manifest; equal manifests have equal bytes.
    func bytes() throws -> [UInt8] { Array(try JSONOutput.text(self).utf8) }
}

/// A number of contents, and their bytes.
struct BackupAmount: Codable, Sendable, Equatable {
    var contents = 0
    var bytes: Int64 = 0

    mutating func add(_ size: Int64) {
        contents += 1
        bytes &+= size
    }
}

/// A file of the data directory in a backup.
struct BackupFile: Sendable, Equatable {
    /// Its content.
    let key: ObjectKey
    /// Bytes.
    let size: Int64
    /// Nanoseconds since 1970 of its last change.
    let modified: Int64
    /// Its path in the data directory: folders and file of plain names.
    let path: String

    var line: String { "\(key.hex) \(size) \(modified) \(path)\n" }

    /// Reads a list of files, or of large files, which have no path.
    /// - Throws: `CommandFailure` for what is no such list, also for paths that lead elsewhere.
    static func list(_ bytes: [UInt8]) throws -> [BackupFile] {
        try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 3)
            guard words.count == 4, let key = ObjectKey(hex: words[0]), let size = Int64(words[1]), size >= 0,
                let modified = Int64(words[2]), isPlain(words[3])
            else { throw CommandFailure(.failure, "a list of files in the backup is damaged") }
            return BackupFile(key: key, size: size, modified: modified, path: String(words[3]))
        }
    }

    /// Whether a path stays in its directory, and has nothing but letters, digits, dots, hyphens and underscores in names.
    private static func isPlain(_ path: Substring) -> Bool {
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        return names.count <= 16
            && names.allSatisfy { name in
                !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
                    && name.utf8.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                            UInt8(ascii: "_"):
                            true
                        default: false
                        }
                    }
            }
    }
}
