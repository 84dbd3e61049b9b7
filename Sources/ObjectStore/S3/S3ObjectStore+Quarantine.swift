extension S3ObjectStore {
    /// Copies an object below `quarantine/` and removes it from its place.
    ///
    /// The two steps are not one: who uploads the same object between them loses it to the quarantine. The hub keeps
    /// uploads and its collection of garbage apart.
    package func quarantine(_ key: ObjectKey) async throws -> Bool {
        try await translating {
            let name = layout.object(key)
            guard let found = try await head(name),
                try await copy(name, to: layout.quarantined(key), size: found.size)
            else { return false }
            try await remove(name)
            return true
        }
    }

    /// Copies an object back and removes it from quarantine; one that was uploaded again meanwhile stays as it is.
    package func restore(_ key: ObjectKey) async throws -> Bool {
        try await translating {
            let (name, target) = (layout.quarantined(key), layout.object(key))
            guard let found = try await head(name) else { return false }
            if try await head(target) == nil {
                guard try await copy(name, to: target, size: found.size) else { return false }
            }
            try await remove(name)
            return true
        }
    }
}
