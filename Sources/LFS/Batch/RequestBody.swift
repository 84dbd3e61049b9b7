import JSON
import NIOCore

/// Turns bodies into JSON with the refusals that LFS clients understand.
enum RequestBody {
    /// Most bytes of a reference's name.
    private static let refNameLimit = 1_024

    /// Reads a body that must be a JSON object.
    ///
    /// - Throws: 413 beyond the limits, 400 for what is not JSON, 422 for JSON that is no object.
    static func object(_ body: ByteBuffer, limit: Int) throws(LFSFailure) -> JSONValue {
        guard body.readableBytes <= limit else { throw tooLarge(limit) }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue(parsing: Array(body.readableBytesView), limits: JSONLimits(bytes: limit))
        } catch {
            switch error {
            case .malformed(let offset): throw .badRequest("The body is not valid JSON at byte \(offset).")
            case .tooDeep: throw .badRequest("The body nests lists and objects too deeply.")
            case .tooLarge: throw .tooLarge("The body holds too many values. Send smaller requests.")
            }
        }
        guard document.isObject else { throw .unprocessable("The body must be a JSON object.") }
        return document
    }

    /// The same, where a body may be left out.
    static func optionalObject(_ body: ByteBuffer, limit: Int) throws(LFSFailure) -> JSONValue {
        guard body.readableBytes > 0 else { return .object([]) }
        return try object(body, limit: limit)
    }

    /// The name in `ref`, which may be absent, null, or an object without a name.
    static func refName(_ document: JSONValue) throws(LFSFailure) -> String? {
        guard let name = document["ref"]?["name"]?.text, !name.isEmpty else { return nil }
        return try checkedRefName(name)
    }

    /// Refuses names that no git would take for their length or control bytes.
    static func checkedRefName(_ name: String) throws(LFSFailure) -> String {
        guard name.utf8.count <= refNameLimit, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw .unprocessable("The name of the reference is not valid.")
        }
        return name
    }

    private static func tooLarge(_ limit: Int) -> LFSFailure {
        .tooLarge("The body is larger than \(limit) bytes. Send smaller requests.")
    }
}
