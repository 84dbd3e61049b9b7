import OpenSSLKit

/// Which key in the bucket holds what; nothing comes from a request but checked object keys.
package struct S3Layout: Sendable {
    /// Empty, or ends with a slash.
    package let prefix: String

    /// Takes a prefix with or without slashes around it.
    package init(prefix: String) {
        let parts = prefix.split(separator: "/")
        self.prefix = parts.isEmpty ? "" : parts.joined(separator: "/") + "/"
    }

    /// Stands before published objects.
    package var objects: String { prefix + "lfs/" }
    /// Stands before what is being uploaded or was just finished.
    package var temporaries: String { prefix + "tmp/" }
    /// Stands before objects that were taken out of sight.
    package var quarantine: String { prefix + "quarantine/" }

    /// `lfs/aa/bb/<oid>`.
    package func object(_ key: ObjectKey) -> String {
        let hex = key.hex
        return objects + hex.prefix(2) + "/" + hex.dropFirst(2).prefix(2) + "/" + hex
    }

    /// `tmp/direct/<id>`: where a client sends an object itself.
    package func staged(_ staging: StagingID) -> String { temporaries + "direct/" + staging.text }

    /// An empty object that says that what was staged was this object, and was published.
    package func receipt(of staging: StagingID, _ key: ObjectKey) -> String {
        staged(staging) + "-" + key.hex + ".done"
    }

    /// `quarantine/<oid>`.
    package func quarantined(_ key: ObjectKey) -> String { quarantine + key.hex }

    /// The object key at the end of a key of the bucket.
    package static func objectKey(of name: String) -> ObjectKey? {
        name.split(separator: "/").last.flatMap { ObjectKey(hex: $0) }
    }
}

/// A multipart upload that clients fill: staged under a key of its own until its SHA-256 is known.
struct S3Upload: Sendable {
    /// 32 random digits.
    let token: String
    /// The store's own id.
    let id: String

    init(token: String, id: String) {
        (self.token, self.id) = (token, id)
    }

    /// Reads the text of an upload; nil when it cannot be one.
    init?(_ text: String) {
        let halves = text.split(separator: ".", maxSplits: 1)
        guard halves.count == 2, halves[0].utf8.count == 32, halves[1].utf8.count <= 1024,
            Hex.decode(halves[0]) != nil, halves[1].utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        self.init(token: String(halves[0]), id: String(halves[1]))
    }

    /// What the hub keeps.
    var text: String { token + "." + id }

    /// Where the parts are put together; another object's upload has another place, so it cannot be taken for this one.
    func staged(_ key: ObjectKey, in layout: S3Layout) -> String {
        layout.temporaries + token + "-" + key.hex
    }

    /// An empty object that says that the upload was published.
    func receipt(_ key: ObjectKey, in layout: S3Layout) -> String { staged(key, in: layout) + ".done" }
}
