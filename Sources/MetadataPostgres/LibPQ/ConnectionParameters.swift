import CLibPQ
import Glibc
package import Metadata

/// How the server is reached: what a URL or a list of keywords says, with what we want where that is silent.
///
/// What neither says, such as the password, libpq finds in the `PG…` variables and its files. Texts of this type never
/// hold the password.
package struct ConnectionParameters: Sendable {
    /// libpq's keywords with their values.
    private let values: [String: String]

    /// Reads `postgres://user@host:port/database?sslmode=verify-full`, or libpq's `host=… dbname=…`.
    ///
    /// - Throws: `MetadataError.failed` for a text that libpq does not understand. libpq's own words are left out, because they
    ///   may repeat the password.
    /// - Source: PostgreSQL, "Connection Strings" and "Parameter Key Words".
    package init(reading text: String) throws(MetadataError) {
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(text, &message)
        PQfreemem(message)
        guard let options else { throw .failed("this is no URL of a PostgreSQL database") }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.values = values.merging(Self.defaults) { given, _ in given }
    }

    /// A server that is away is found out in seconds; one that may only be read is passed over.
    private static let defaults = [
        "fallback_application_name": "granary",
        "connect_timeout": "5",
        "keepalives_idle": "10",
        "keepalives_interval": "5",
        "keepalives_count": "3",
        "tcp_user_timeout": "20000",
        "target_session_attrs": "read-write",
    ]

    /// What every connection is opened with: our defaults, what was given, and what must be so.
    var all: [(keyword: String, value: String)] {
        var all = values
        // Nobody who was not told otherwise sends records over a network without knowing to whom.
        if isSilentAboutTLS, !staysOnThisMachine { all["sslmode"] = "verify-full" }
        all["client_encoding"] = "UTF8"
        return all.map { (keyword: $0.key, value: $0.value) }
    }

    /// Whether no packet leaves the machine: Unix sockets and loopback addresses.
    ///
    /// Where the URL names no host libpq's variables decide.
    package var staysOnThisMachine: Bool {
        let hosts = [value("hostaddr", or: "PGHOSTADDR"), value("host", or: "PGHOST")].compactMap { $0 }
            .flatMap { $0.split(separator: ",") }
        return hosts.allSatisfy { $0.hasPrefix("/") || $0.hasPrefix("@") || Self.loopback.contains(String($0)) }
    }

    /// Whether connections are only made to a server that proves its name.
    package var verifiesServer: Bool {
        isSilentAboutTLS ? !staysOnThisMachine : value("sslmode", or: "PGSSLMODE") == "verify-full"
    }

    /// Whether nobody said how to encrypt; a service's file may say it.
    private var isSilentAboutTLS: Bool {
        value("sslmode", or: "PGSSLMODE") == nil && value("service", or: "PGSERVICE") == nil
    }

    private static let loopback: Set<String> = ["localhost", "127.0.0.1", "::1"]

    private func value(_ keyword: String, or variable: String) -> String? {
        values[keyword] ?? Self.environment(variable)
    }

    /// libpq reads these variables itself; what we add to its choice depends on what it will find there.
    private static func environment(_ variable: String) -> String? {
        getenv(variable).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether the text that was read has a password in it.
    package var hasPassword: Bool { values["password"] != nil }

    /// Where the database is, without user and password: for logs.
    package var description: String {
        let host = value("host", or: "PGHOST") ?? value("hostaddr", or: "PGHOSTADDR") ?? "local socket"
        // For several hosts without ports libpq says ",".
        let port = value("port", or: "PGPORT").flatMap { $0.contains(where: \.isNumber) ? ":\($0)" : nil } ?? ""
        let database = value("dbname", or: "PGDATABASE").map { "/\($0)" } ?? ""
        return "\(host)\(port)\(database)"
    }
}
