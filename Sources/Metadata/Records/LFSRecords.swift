package import Access

/// What a push does with pointer files whose objects are not stored.
package enum LFSPointerRule: String, Sendable, CaseIterable {
    /// The push is refused.
    case enforce
    /// The push is taken; the server's log says what is missing.
    case warn
    /// Nothing is looked at: for mirrors.
    case off
}

/// That a repository has an object.
package struct LFSObjectRecord: Sendable, Equatable {
    /// The repository.
    package var repositoryID: RecordID
    /// SHA-256 of the content, 64 lower-case hexadecimal digits.
    package var oid: String
    /// Bytes of the content.
    package var size: Int64
    /// When it was uploaded or copied here first.
    package var createdAt: Timestamp
    /// When an administrator removed it from this repository; nil while it is there.
    package var removedAt: Timestamp?

    /// A row from its parts.
    package init(
        repositoryID: RecordID,
        oid: String,
        size: Int64,
        createdAt: Timestamp,
        removedAt: Timestamp? = nil
    ) {
        self.repositoryID = repositoryID
        self.oid = oid
        self.size = size
        self.createdAt = createdAt
        self.removedAt = removedAt
    }

    init(row: SQLRow) throws(MetadataError) {
        repositoryID = try row.id("repository_id")
        oid = try row.text("oid")
        size = try row.integer("size")
        createdAt = try row.time("created_at")
        removedAt = try row.optionalTime("removed_at")
    }
}

/// How much large-file content there is somewhere, and how much may be.
package struct LFSUsage: Sendable, Equatable {
    /// Objects, each counted once per repository.
    package var objects: Int64
    /// Bytes of these objects.
    package var bytes: Int64
    /// The most bytes there may be; nil for no bound.
    package var quota: Int64?

    /// Usage from its parts.
    package init(objects: Int64 = 0, bytes: Int64 = 0, quota: Int64? = nil) {
        self.objects = objects
        self.bytes = bytes
        self.quota = quota
    }
}

/// An upload in parts that was begun and not finished.
package struct LFSUploadRecord: Sendable, Equatable {
    /// The id, which its URLs carry.
    package var id: RecordID
    /// Where the object will belong.
    package var repositoryID: RecordID
    /// The user or key that began it, as text; empty for the operator.
    package var holder: String
    /// The object.
    package var oid: String
    /// Bytes of the whole object.
    package var size: Int64
    /// Bytes of each part but the last.
    package var partSize: Int64
    /// What the object store calls the upload.
    package var storeUpload: String
    /// When it was begun.
    package var createdAt: Timestamp
    /// When it is given up.
    package var expiresAt: Timestamp

    /// An upload from its parts.
    package init(
        id: RecordID,
        repositoryID: RecordID,
        holder: String,
        oid: String,
        size: Int64,
        partSize: Int64,
        storeUpload: String,
        createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.repositoryID = repositoryID
        self.holder = holder
        self.oid = oid
        self.size = size
        self.partSize = partSize
        self.storeUpload = storeUpload
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        repositoryID = try row.id("repository_id")
        holder = try row.text("holder")
        oid = try row.text("oid")
        size = try row.integer("size")
        partSize = try row.integer("part_size")
        storeUpload = try row.text("store_upload")
        createdAt = try row.time("created_at")
        expiresAt = try row.time("expires_at")
    }
}

/// A lock on one path of one repository.
package struct LFSLockRecord: Sendable, Equatable {
    /// The id; later locks have greater ids.
    package var id: RecordID
    /// The repository.
    package var repositoryID: RecordID
    /// The path from the root, to be compared by bytes.
    package var path: String
    /// The user or key that holds it.
    package var ownerID: RecordID
    /// The holder's name when the lock was made.
    package var ownerName: String
    /// The ref that the client named; shown only.
    package var refName: String?
    /// When it was made.
    package var lockedAt: Timestamp

    /// A lock from its parts.
    package init(
        id: RecordID,
        repositoryID: RecordID,
        path: String,
        ownerID: RecordID,
        ownerName: String,
        refName: String? = nil,
        lockedAt: Timestamp
    ) {
        self.id = id
        self.repositoryID = repositoryID
        self.path = path
        self.ownerID = ownerID
        self.ownerName = ownerName
        self.refName = refName
        self.lockedAt = lockedAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        repositoryID = try row.id("repository_id")
        path = try row.text("path")
        ownerID = try row.id("owner_id")
        ownerName = try row.text("owner_name")
        refName = try row.optionalText("refname")
        lockedAt = try row.time("locked_at")
    }
}
