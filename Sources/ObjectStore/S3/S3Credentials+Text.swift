import Glibc

/// Why a text holds no credentials; carries none of it but names.
package enum S3CredentialsError: Error, Equatable, CustomStringConvertible {
    /// The file cannot be read; errno says why.
    case unreadable(Int32)
    /// The file is larger than any that has credentials in it.
    case tooLarge
    /// The file is not text.
    case notText
    /// Nothing of that name stands in it.
    case missing(String)
    /// What stands at that name is no such value.
    case malformed(String)

    /// To follow "cannot be used: ".
    package var description: String {
        switch self {
        case .unreadable(let code): String(cString: strerror(code))
        case .tooLarge: "it is larger than \(S3CredentialsFile.maximumBytes) bytes"
        case .notText: "it is not text"
        case .missing(let name): "it has no \(name), or not in front of all sections or in [default]"
        case .malformed(let name): "its \(name) is not one"
        }
    }
}

extension S3Credentials {
    /// The most bytes of a key or a token.
    private static let longestValue = 8_192

    /// Reads what tools write: lines `NAME=VALUE` with the names of AWS in either case, in front of all sections or in
    /// the section `[default]`.
    ///
    /// The key id and the secret must be there; `aws_session_token` and `aws_credential_expiration` may. Other names and
    /// sections, empty lines and comments do not count.
    /// - Source: "Configuration and credential file settings" and `aws configure export-credentials` of the AWS CLI.
    package init(text: String) throws(S3CredentialsError) {
        let values = Self.values(in: text)
        func value(_ name: String) throws(S3CredentialsError) -> String? {
            guard let value = values[name], !value.isEmpty else { return nil }
            guard value.utf8.count <= Self.longestValue, value.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw .malformed(name)
            }
            return value
        }
        func needed(_ name: String) throws(S3CredentialsError) -> String {
            guard let value = try value(name) else { throw .missing(name) }
            return value
        }
        var end: Int64?
        if let text = try value("aws_credential_expiration") {
            guard let time = S3Time(iso: text.hasSuffix("+00:00") ? text.dropLast(6) + "Z" : text) else {
                throw .malformed("aws_credential_expiration")
            }
            end = time.seconds
        }
        self.init(
            accessKey: try needed("aws_access_key_id"),
            secretKey: try needed("aws_secret_access_key"),
            sessionToken: try value("aws_session_token"),
            expiresAt: end
        )
    }

    /// The values by name in small letters; of several of one name the last.
    private static func values(in text: String) -> [String: String] {
        var values: [String: String] = [:]
        var counts = true
        for line in text.split(whereSeparator: \.isNewline).map(trimmed) {
            if line.hasPrefix("[") {
                counts = line == "[default]"
                continue
            }
            guard counts, !line.hasPrefix("#"), !line.hasPrefix(";"), let sign = line.firstIndex(of: "=") else {
                continue
            }
            let name = trimmed(line[..<sign]).lowercased()
            values[name] = String(trimmed(line[line.index(after: sign)...]))
        }
        return values
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let head = text.drop { $0 == " " || $0 == "\t" }
        guard let last = head.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return head[...last]
    }
}
