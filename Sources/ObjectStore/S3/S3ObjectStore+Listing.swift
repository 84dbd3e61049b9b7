extension S3ObjectStore {
    /// Published objects after a key, in order.
    package func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject] {
        guard limit > 0 else { return [] }
        return try await translating {
            var objects: [StoredObject] = []
            try await eachEntry(layout.objects, after: after.map { layout.object($0) }, atMost: limit) { entry in
                guard let key = S3Layout.objectKey(of: entry.name), layout.object(key) == entry.name else {
                    return true
                }
                objects.append(StoredObject(key: key, size: entry.size, modifiedAt: entry.modifiedAt))
                return objects.count < limit
            }
            return objects
        }
    }

    /// Deletes what has been in quarantine for longer.
    package func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int {
        try await translating { try await removeEntries(layout.quarantine, olderThanSeconds: olderThanSeconds) }
    }

    /// Removes temporaries, and aborts multipart uploads below our prefix, that were begun longer ago.
    package func sweep(olderThanSeconds: Int64) async throws -> Int {
        try await translating {
            let temporaries = try await removeEntries(layout.temporaries, olderThanSeconds: olderThanSeconds)
            return try await temporaries + abortUploads(olderThanSeconds: olderThanSeconds)
        }
    }

    struct Entry {
        var name: String
        var size: Int64
        var modifiedAt: Int64
    }

    /// Visits the keys that begin with a prefix, in order, until `visit` answers false.
    /// - Parameter count: how many are wanted; a hint for the size of a page.
    func eachEntry(
        _ prefix: String,
        after: String? = nil,
        atMost count: Int = 1000,
        _ visit: (Entry) async throws -> Bool
    ) async throws {
        var last = after
        while true {
            var query = [("list-type", "2"), ("max-keys", String(min(1000, max(1, count)))), ("prefix", prefix)]
            if let last { query.append(("start-after", last)) }
            let page = try await client.call(S3Request(method: "GET", query: query)).element("ListBucketResult")
            for element in page.children("Contents") {
                guard let name = element.text(of: "Key"), let size = element.text(of: "Size").flatMap({ Int64($0) }),
                    let time = element.text(of: "LastModified").flatMap({ S3Time(iso: $0) })
                else { throw ObjectStoreError.unavailable("the listing has an entry without key, size or time") }
                // A store that does not know `start-after` would give us the same page for ever.
                if let last, name <= last { throw ObjectStoreError.unavailable("the listing does not go on") }
                last = name
                guard try await visit(Entry(name: name, size: size, modifiedAt: time.seconds)) else { return }
            }
            guard page.text(of: "IsTruncated") == "true", !page.children("Contents").isEmpty else { return }
        }
    }

    private func removeEntries(_ prefix: String, olderThanSeconds: Int64) async throws -> Int {
        let limit = client.environment.now() - max(0, min(olderThanSeconds, 1 << 40))
        var count = 0
        try await eachEntry(prefix) { entry in
            guard entry.modifiedAt <= limit else { return true }
            try await remove(entry.name)
            count += 1
            return true
        }
        return count
    }

    private func abortUploads(olderThanSeconds: Int64) async throws -> Int {
        let limit = client.environment.now() - max(0, min(olderThanSeconds, 1 << 40))
        var (count, keyMarker, idMarker) = (0, "", "")
        while true {
            var query = [("uploads", ""), ("prefix", layout.prefix)]
            if !keyMarker.isEmpty { query += [("key-marker", keyMarker), ("upload-id-marker", idMarker)] }
            let page = try await client.call(S3Request(method: "GET", query: query)).element(
                "ListMultipartUploadsResult"
            )
            for upload in page.children("Upload") {
                guard let name = upload.text(of: "Key"), let id = upload.text(of: "UploadId"),
                    let time = upload.text(of: "Initiated").flatMap({ S3Time(iso: $0) }), isOurs(name),
                    time.seconds <= limit
                else { continue }
                try await abort(name, id: id)
                count += 1
            }
            let next = (page.text(of: "NextKeyMarker") ?? "", page.text(of: "NextUploadIdMarker") ?? "")
            guard page.text(of: "IsTruncated") == "true", !next.0.isEmpty, next != (keyMarker, idMarker) else {
                return count
            }
            (keyMarker, idMarker) = next
        }
    }

    /// Whether an upload is of this store and not of a neighbour in the bucket.
    private func isOurs(_ name: String) -> Bool {
        [layout.temporaries, layout.objects, layout.quarantine].contains { name.hasPrefix($0) }
    }
}
