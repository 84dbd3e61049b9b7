package import ObjectStore

/// An object as clients name it: the SHA-256 of its bytes, and how many there are.
package struct LFSObject: Hashable, Sendable {
    package let oid: ObjectKey
    /// 0 … 2^63 − 1.
    package let size: Int64

    /// An object; nil for a negative size.
    package init?(oid: ObjectKey, size: Int64) {
        guard size >= 0 else { return nil }
        self.oid = oid
        self.size = size
    }
}
