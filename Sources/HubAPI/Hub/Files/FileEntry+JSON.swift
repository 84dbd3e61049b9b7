import GitCore
import HubCore
import JSON
import LFS
import Metadata
import ObjectStore

extension FileEntry {
    /// The entry as `tree` and `paths-info` list it; a submodule is left to the reader as an empty directory.
    ///
    /// - Parameter lastCommit: nil where it was not asked for or not found.
    func json(lastCommit: CommitSummary?) -> JSONValue {
        let entry: JSONValue = [
            "type": .string(kind == .file ? "file" : "directory"), "oid": .string(oid.hex), "size": JSONValue(size),
            "path": .string(path),
        ]
        let large = lfs.map { link -> JSONValue in
            [
                "oid": .string(link.object.oid.hex), "size": JSONValue(link.object.size),
                "pointerSize": JSONValue(link.pointerSize),
            ]
        }
        return entry.adding("lfs", ifThere: large)
            .adding("xetHash", ifThere: lfs?.xetHash.map(JSONValue.string))
            .adding("lastCommit", ifThere: lastCommit?.brief)
    }

    /// The entry as `siblings` list it.
    ///
    /// - Parameter hasBlobs: whether size and ids are wanted.
    func sibling(hasBlobs: Bool) -> JSONValue {
        let name: JSONValue = ["rfilename": .string(path)]
        guard hasBlobs else { return name }
        let large = lfs.map { link -> JSONValue in
            [
                "sha256": .string(link.object.oid.hex), "size": JSONValue(link.object.size),
                "pointerSize": JSONValue(link.pointerSize),
            ]
        }
        return name.adding("size", JSONValue(size)).adding("blobId", .string(oid.hex)).adding("lfs", ifThere: large)
    }

    static let schema = APISchema.object([
        .required("type", .word(["file", "directory"])), .required("oid", .string), .required("size", .integer),
        .required("path", .string),
        .optional(
            "lfs",
            .object([
                .required("oid", .string), .required("size", .integer), .required("pointerSize", .integer),
            ])
        ),
        .optional("xetHash", .string),
        .optional(
            "lastCommit",
            .object([.required("id", .string), .required("title", .string), .required("date", .date)])
        ),
    ])
}

extension CommitSummary {
    /// When it was written, as clients read dates.
    var date: String { Timestamp(microseconds: 0).adding(seconds: time).description }

    /// The message without its first line.
    var body: String {
        let rest = message.drop { $0 != "\n" }
        let text = rest.drop { $0.isNewline }
        return String(text.reversed().drop { $0.isNewline }.reversed())
    }

    fileprivate var brief: JSONValue {
        ["id": .string(oid.hex), "title": .string(subject), "date": .string(date)]
    }
}
