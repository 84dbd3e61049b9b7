import OpenSSLKit

/// Builds a small pack out of objects in memory: commits that the server makes go the way of every push.
package struct PackBuilder {
    private var bytes: [UInt8] = []
    private var count: UInt32 = 0

    package init() {}

    /// Adds an object; its id.
    package mutating func add(_ type: ObjectType, _ content: [UInt8]) throws -> ObjectID {
        PackEntryHeader.encode(type: PackEntryType(type), size: UInt64(content.count), into: &bytes)
        bytes.append(contentsOf: try content.withUnsafeBytes { try WholeDeflater(level: 6).deflate($0) })
        count += 1
        return try content.withUnsafeBytes { try ObjectHasher.id(of: $0, type: type) }
    }

    /// The whole pack with header and trailer.
    package func finish() throws -> [UInt8] {
        var pack = Pack.header(count: count) + bytes
        let checksum = try SHA1Stream()
        try pack.withUnsafeBytes { try checksum.update($0) }
        pack += try checksum.finalize()
        return pack
    }
}
