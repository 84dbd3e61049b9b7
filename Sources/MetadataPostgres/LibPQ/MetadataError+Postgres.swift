import CLibPQ
import Metadata

extension MetadataError {
    /// What an error report of the server means to the records.
    ///
    /// The text is the server's message and the constraint's name; its details would repeat values.
    /// - Parameter sqlState: five characters.
    /// - Source: PostgreSQL, "PostgreSQL Error Codes".
    init(sqlState: String, message: String, constraint: String?) {
        let text = constraint.map { "\(message) (\($0))" } ?? message
        switch sqlState {
        // Another writer, a deadlock, transactions that cannot follow one another.
        case "55P03", "40001", "40P01": self = .busy
        case "57014": self = .unavailable("a statement took longer than its time-out")
        // A wrong number of parameters has the class of lost connections.
        case "08P01": self = .failed(text)
        case "25006": self = .unavailable("the server only answers reads: \(text)")
        // The server ended a transaction in which nothing happened for too long.
        case "25P03": self = .unavailable(text)
        case "XX001", "XX002": self = .corrupt(text)
        default:
            switch sqlState.prefix(2) {
            case "23": self = .conflict(text)
            // Connection, authorisation, unknown database, resources, operators, system.
            case "08", "28", "3D", "53", "57", "58": self = .unavailable(text)
            default: self = .failed(text)
            }
        }
    }

    /// What libpq says about a connection that cannot be made or was lost; it names hosts and users, never passwords.
    static func lost(_ connection: OpaquePointer?) -> MetadataError {
        guard let connection, let message = PQerrorMessage(connection) else { return .unavailable("no memory") }
        let words = String(cString: message).split(whereSeparator: \.isNewline)
        return .unavailable(words.isEmpty ? "the connection was lost" : words.joined(separator: "; "))
    }
}
