import Foundation
package import HTTPTypes
package import NIOCore

/// Reads JSON bodies, bounded, with errors that name what is wrong.
package enum JSONBody {
    /// Collects a body and decodes it.
    ///
    /// Keys that `Value` does not know are ignored, as newer clients send more.
    ///
    /// - Parameter limit: bytes; one more is refused before it is kept.
    /// - Throws: `BodyError.tooLarge`, or a 400 that says which key should have been what.
    package static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self,
        from body: some AsyncSequence<ByteBuffer, any Error>,
        contentType: String?,
        limit: Int
    ) async throws -> Value {
        // A form on another site cannot send this type, so it cannot act with a browser's remembered credentials.
        guard contentType?.lowercased().hasPrefix("application/json") == true else {
            throw HTTPFailure(.unsupportedMediaType, "The request body must be of type application/json.")
        }
        var bytes = ByteBuffer()
        for try await piece in body {
            guard bytes.readableBytes + piece.readableBytes <= limit else {
                throw BodyError.tooLarge(limit: Int64(limit))
            }
            bytes.writeImmutableBuffer(piece)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes.readableBytesView))
        } catch let error as DecodingError {
            throw HTTPFailure(.badRequest, explain(error))
        }
    }

    /// One sentence for whoever wrote the body.
    static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "The request body lacks the key '\(path(context.codingPath + [key]))'."
        case .valueNotFound(_, let context):
            "The key '\(path(context.codingPath))' cannot be null."
        case .typeMismatch(let type, let context) where context.codingPath.isEmpty:
            "The request body must be a JSON \(name(of: type))."
        case .typeMismatch(let type, let context):
            "The key '\(path(context.codingPath))' must be a \(name(of: type))."
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            "The key '\(path(context.codingPath))' has a value that is not understood."
        default:
            "The request body is not valid JSON."
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map(\.stringValue).joined(separator: ".")
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "string"
        case is Bool.Type: "boolean"
        case is Int.Type, is Int64.Type, is Double.Type: "number"
        case is [any Sendable].Type: "list"
        default: "object"
        }
    }
}

extension Answer {
    /// A JSON answer.
    ///
    /// Keys are sorted, slashes are not escaped.
    package static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:])
        throws -> Answer
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = ByteBuffer(bytes: try encoder.encode(value))
        return Answer(status: status, headers: headers, contentType: "application/json; charset=utf-8", body: body)
    }
}
