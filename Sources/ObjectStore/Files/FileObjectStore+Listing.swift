extension FileObjectStore {
    /// Published objects after a key, in order.
    ///
    /// Files in `objects` that are not named as an object are passed over.
    package func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject] {
        guard limit > 0 else { return [] }
        let start = after?.hex ?? ""
        var objects: [StoredObject] = []
        for outer in try await levels(in: layout.objects, from: start.prefix(2)) {
            let rest = outer == start.prefix(2) ? start.dropFirst(2).prefix(2) : ""
            for inner in try await levels(in: layout.objects + "/" + outer, from: rest) {
                try Task.checkCancellation()
                let directory = layout.objects + "/" + outer + "/" + inner
                let wanted = limit - objects.count
                let page = try await pool.run { try Self.objects(in: directory, after: after, limit: wanted) }
                objects += page
                if objects.count >= limit { return objects }
            }
        }
        return objects
    }

    /// The names of two digits in a directory, from one on.
    private func levels(in directory: String, from start: Substring) async throws -> [String] {
        let start = String(start)
        return try await pool.run {
            try StoreDirectories.names(in: directory).filter { $0.utf8.count == 2 && $0 >= start }
        }
    }

    private static func objects(in directory: String, after: ObjectKey?, limit: Int) throws -> [StoredObject] {
        var objects: [StoredObject] = []
        for name in try StoreDirectories.names(in: directory) where objects.count < limit {
            guard let key = ObjectKey(hex: name) else { continue }
            if let after, key <= after { continue }
            guard let status = try StoreDirectories.status(directory + "/" + name), status.isFile else { continue }
            objects.append(StoredObject(key: key, size: status.size, modifiedAt: status.modifiedAt))
        }
        return objects
    }
}
