import OpenSSLKit

/// Where things are below the root; all in one file system, so that a rename publishes.
///
/// Names come from checked keys, upload ids and random numbers only, never from a request.
package struct StoreLayout: Sendable {
    package let root: String

    /// Published objects, two levels deep.
    package var objects: String { root + "/objects" }
    /// Files that are being written; whatever is old in here was left by a crash.
    package var temporaries: String { root + "/tmp" }
    /// One directory for each multipart upload.
    package var multipart: String { root + "/multipart" }
    /// Objects that were taken out of sight.
    package var quarantine: String { root + "/quarantine" }

    /// The directory that holds an object, `objects/aa/bb`, after its parent `objects/aa`.
    package func directories(of key: ObjectKey) -> (outer: String, inner: String) {
        let hex = key.hex
        let outer = objects + "/" + hex.prefix(2)
        return (outer, outer + "/" + hex.dropFirst(2).prefix(2))
    }

    package func object(_ key: ObjectKey) -> String { directories(of: key).inner + "/" + key.hex }

    package func quarantined(_ key: ObjectKey) -> String { quarantine + "/" + key.hex }

    /// A path in `tmp` that nobody uses.
    package func newTemporary() throws -> String { temporaries + "/" + Hex.encode(try RandomBytes.generate(16)) }
}
