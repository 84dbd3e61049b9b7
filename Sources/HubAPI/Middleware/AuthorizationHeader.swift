import Foundation
package import HTTPTypes
package import HubCore

extension Credentials {
    /// The longest `Authorization` value that is looked at, in bytes.
    private static let maximumBytes = 4_096

    /// Reads the `Authorization` field: Basic, Bearer, or the RemoteAuth of `git-lfs-authenticate`.
    ///
    /// - Throws: `HubError.badCredentials` for anything else that is there. What was meant as credentials never counts
    ///   as none.
    package init(_ headers: HTTPFields) throws(HubError) {
        let values = headers[values: .authorization]
        guard values.count <= 1 else { throw HubError.badCredentials }
        try self.init(authorization: values.first)
    }

    /// Reads the value of the `Authorization` field; nil when there is none.
    ///
    /// - Throws: the same.
    package init(authorization value: String?) throws(HubError) {
        guard let value else {
            self = .none
            return
        }
        guard value.utf8.count <= Self.maximumBytes else { throw HubError.badCredentials }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2 else { throw HubError.badCredentials }
        let secret = parts[1].trimming(" ")
        switch parts[0].lowercased() {
        case "bearer": self = .bearer(String(secret))
        case "basic": self = try Self.basic(secret)
        case "remoteauth": self = .remoteAuth(String(secret))
        default: throw HubError.badCredentials
        }
    }

    private static func basic(_ encoded: Substring) throws(HubError) -> Credentials {
        guard let data = Data(base64Encoded: String(encoded)), let text = String(validating: data, as: UTF8.self) else {
            throw HubError.badCredentials
        }
        guard let colon = text.firstIndex(of: ":") else { throw HubError.badCredentials }
        return .basic(user: String(text[..<colon]), secret: String(text[text.index(after: colon)...]))
    }
}

extension Substring {
    /// The text without `character` at either end.
    fileprivate func trimming(_ character: Character) -> Substring {
        var text = self
        while text.first == character { text.removeFirst() }
        while text.last == character { text.removeLast() }
        return text
    }
}
