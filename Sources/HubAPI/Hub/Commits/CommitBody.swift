import GitCore
import HTTPTypes
import HubCore
import JSON
import NIOCore
import ObjectStore
import OpenSSLKit

/// Reads the lines of a commit into its draft.
///
/// - Source: hf-api, "POST /api/{T}/{id}/commit/{rev}".
struct CommitBody {
    let body: RequestBody
    let draft: CommitDraft

    /// Values of a line: a handful.
    private static let lineLimits = JSONLimits(bytes: 80 << 10)

    /// Reads the whole body.
    ///
    /// - Throws: `HTTPFailure` 400 for what is no commit, `HubError` as the draft refuses.
    func read() async throws {
        let draft = draft
        var lines = ContentLines { draft.spool() }
        for try await piece in body {
            try Task.checkCancellation()
            try piece.withUnsafeReadableBytes { try lines.receive($0) { try add($0) } }
        }
        try lines.finish { try add($0) }
    }

    private func add(_ line: ContentLines.Line) throws {
        let object: APIObject
        do throws(JSONError) {
            object = APIObject(try JSONValue(parsing: line.json, limits: Self.lineLimits))
        } catch {
            throw HTTPFailure(.badRequest, "A line of the request body is not valid JSON.")
        }
        guard object.value.isObject else {
            throw HTTPFailure(.badRequest, "A line is a JSON object with key and value.")
        }
        let (key, value) = (try object.text("key"), try object.object("value"))
        guard key == "header" || draft.hasHeader else {
            throw HTTPFailure(.badRequest, "The first line of a commit is its header.")
        }
        try add(key, value, line)
    }

    private func add(_ key: String, _ value: APIObject, _ line: ContentLines.Line) throws {
        switch key {
        case "header":
            try draft.describe(
                title: try value.textIfThere("summary") ?? "",
                body: try value.textIfThere("description") ?? "",
                parent: try value.textIfThere("parentCommit")
            )
        case "file": try addFile(value, line)
        case "lfsFile": try addLargeFile(value)
        case "deletedFile", "deletedEntry": try draft.deleteFile(try value.text("path"))
        case "deletedFolder": try draft.deleteFolder(try value.text("path"))
        case "copyFile":
            try draft.copy(
                try value.text("srcPath"),
                revision: try value.textIfThere("srcRevision"),
                to: try value.text("path")
            )
        default: throw HTTPFailure(.badRequest, "A commit has no lines with the key '\(key.prefix(50))'.")
        }
    }

    private func addFile(_ value: APIObject, _ line: ContentLines.Line) throws {
        let path = try value.text("path")
        guard let content = line.content else {
            throw HTTPFailure(.badRequest, "The file '\(path)' lacks its content.")
        }
        switch try value.textIfThere("encoding") ?? "utf-8" {
        case "utf-8": try draft.put(path, size: content.count) { try content.read($0) }
        case "base64":
            let size = Base64Decoder.size(ofText: content.count, endingIn: line.end)
            do {
                try draft.put(path, size: max(0, size)) { body in
                    var decoder = Base64Decoder()
                    try content.read { try decoder.decode($0, body) }
                    try decoder.finish().withUnsafeBytes { if !$0.isEmpty { try body($0) } }
                }
            } catch is Base64Decoder.Malformed {
                throw HTTPFailure(.badRequest, "The content of '\(path)' is not valid base64.")
            }
        default: throw HTTPFailure(.badRequest, "The encoding of a file is 'base64' or 'utf-8'.")
        }
    }

    private func addLargeFile(_ value: APIObject) throws {
        let path = try value.text("path")
        let algorithm = try value.textIfThere("algo") ?? "sha256"
        guard algorithm == "sha256" else {
            throw HTTPFailure(.badRequest, "Large files are known by their sha256.")
        }
        guard let oid = ObjectKey(hex: try value.text("oid")) else {
            throw HTTPFailure(.badRequest, "The oid of '\(path)' is not the SHA-256 of a file in hexadecimal digits.")
        }
        try draft.put(path, large: oid, size: try value.integerIfThere("size"))
    }
}
