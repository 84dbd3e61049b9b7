/// A xorb: chunks that lie in an object of the store.
package struct XorbRecord: Sendable, Equatable {
    /// The xorb's hash in its text form: 64 lower-case hexadecimal digits.
    package var hash: String
    /// The object that has the bytes, by its SHA-256.
    package var oid: String
    /// Where in the object the raw bytes begin, if it is a file that was never serialized; nil when the object is the
    /// serialized xorb.
    package var rawOffset: Int64?
    /// Bytes of the serialized xorb.
    package var storedBytes: Int64
    /// Bytes of the content.
    package var rawBytes: Int64
    /// Chunks.
    package var chunks: Int64
    /// Where the chunks lie, packed as the hub packs it.
    package var chunkIndex: [UInt8]
    /// When it came.
    package var createdAt: Timestamp
    /// When it was last sent, named to a client, or built upon.
    package var usedAt: Timestamp

    /// A xorb from its parts.
    package init(
        hash: String,
        oid: String,
        rawOffset: Int64? = nil,
        storedBytes: Int64,
        rawBytes: Int64,
        chunks: Int64,
        chunkIndex: [UInt8],
        createdAt: Timestamp,
        usedAt: Timestamp
    ) {
        self.hash = hash
        self.oid = oid
        self.rawOffset = rawOffset
        self.storedBytes = storedBytes
        self.rawBytes = rawBytes
        self.chunks = chunks
        self.chunkIndex = chunkIndex
        self.createdAt = createdAt
        self.usedAt = usedAt
    }

    init(row: SQLRow) throws(MetadataError) {
        hash = try row.text("hash")
        oid = try row.text("oid")
        rawOffset = try row.optionalInteger("raw_offset")
        storedBytes = try row.integer("stored_bytes")
        rawBytes = try row.integer("raw_bytes")
        chunks = try row.integer("chunks")
        chunkIndex = try row.blob("chunk_index")
        createdAt = try row.time("created_at")
        usedAt = try row.time("used_at")
    }
}

/// A file that is known as a row of chunks.
package struct XetFileRecord: Sendable, Equatable {
    /// The file's hash in its text form: 64 lower-case hexadecimal digits.
    package var hash: String
    /// The SHA-256 of the content, proven.
    package var oid: String
    /// Bytes of the content.
    package var size: Int64
    /// Which chunks of which xorbs, packed as the hub packs it.
    package var terms: [UInt8]
    /// When it came.
    package var createdAt: Timestamp

    /// A file from its parts.
    package init(hash: String, oid: String, size: Int64, terms: [UInt8], createdAt: Timestamp) {
        self.hash = hash
        self.oid = oid
        self.size = size
        self.terms = terms
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        hash = try row.text("hash")
        oid = try row.text("oid")
        size = try row.integer("size")
        terms = try row.blob("terms")
        createdAt = try row.time("created_at")
    }
}

/// What chunked files and their chunks amount to.
package struct XetUsage: Sendable, Equatable {
    /// Files.
    package var files: Int64 = 0
    /// Bytes of their content, each file once.
    package var logicalBytes: Int64 = 0
    /// Xorbs.
    package var xorbs: Int64 = 0
    /// Bytes that the xorbs take in the store.
    package var physicalBytes: Int64 = 0

    /// Nothing.
    package init() {}
}
