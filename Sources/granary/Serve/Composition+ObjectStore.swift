import Logging
import ObjectStore

extension Composition {
    /// Threads that wait for the disk with large files; synchronising one may take seconds.
    private static let objectThreads = 12

    /// Where large files are: layers around a store, the outermost first.
    ///
    /// Operations are counted where the hub asks, so that a store's own retries are inside one of them.
    /// - Parameter isServing: whether a store that does not work is to be found out now, and how it works.
    func objectStore(isServing: Bool) async throws -> any ObjectStore {
        guard let settings = try S3Settings(configuration) else {
            let store = try fileStore()
            if isServing { await removeTemporaries(of: store) }
            return MeteredObjectStore(store)
        }
        let store = try s3Store(settings)
        if isServing {
            do {
                try await probe(store, settings)
            } catch {
                await store.shutdown()
                throw error
            }
        }
        return MeteredObjectStore(store)
    }

    /// What cannot be removed now the collection removes later.
    private func removeTemporaries(of store: FileObjectStore) async {
        do {
            let count = try await store.removeTemporaries()
            if count > 0 { logger.info("removed what uploads had left behind", metadata: ["files": "\(count)"]) }
        } catch {
            logger.warning("temporary files of uploads were not removed", metadata: ["error": "\(error)"])
        }
    }

    private func fileStore() throws -> FileObjectStore {
        let root = try objectDirectory
        do {
            return try FileObjectStore(root: root, threads: Self.objectThreads)
        } catch {
            throw CommandFailure(.failure, "large files cannot be kept in \(root): \(Printable.text("\(error)"))")
        }
    }

    /// The directory for large files, when they are in one.
    var objectDirectory: String {
        get throws { try configuration[Keys.objects] ?? directory.objects }
    }

    /// The S3 store, of which nothing has been asked yet.
    func s3Store(_ settings: S3Settings) throws -> S3ObjectStore {
        let credentials = try self.credentials(settings)
        do {
            return try S3ObjectStore(settings.store, credentials: credentials, logger: logger)
        } catch {
            let file = settings.store.certificateFile ?? ""
            throw CommandFailure(.usage, "the s3-ca-file \(file) cannot be used: \(Printable.text("\(error)"))")
        }
    }

    private func credentials(_ settings: S3Settings) throws -> any S3CredentialsSource {
        switch settings.credentials {
        case .configured(let credentials): return credentials
        case .file(let path):
            do {
                return try S3CredentialsFile(path, logger: logger)
            } catch {
                throw CommandFailure(.usage, "the s3-credentials-file \(path) cannot be used: \(error)")
            }
        }
    }

    private func probe(_ store: S3ObjectStore, _ settings: S3Settings) async throws {
        let abilities: S3Abilities
        do {
            abilities = try await store.probe()
        } catch let error as ObjectStoreError {
            throw CommandFailure(.failure, Self.explanation(of: error, settings))
        }
        logger.info(
            "large files are in an S3 store",
            metadata: [
                "store": "\(settings.description)", "mode": "\(settings.store.isProxied ? "proxy" : "direct")",
                "verifies_checksums": "\(abilities.verifiesChecksums)",
                "conditional_writes": "\(abilities.knowsConditionalWrites)",
            ]
        )
        if !settings.store.isProxied, !abilities.verifiesChecksums {
            logger.warning("the S3 store does not compare checksums: uploads go through this server")
        }
    }

    /// Why an S3 store cannot be used, and what to look at.
    static func explanation(of error: ObjectStoreError, _ settings: S3Settings) -> String {
        let advice =
            switch error {
            case .unavailable: "check s3-endpoint, s3-ca-file and that the store runs"
            default: "check s3-bucket, s3-region, s3-address-style, the access key and what it may do"
            }
        return "large files cannot be kept in \(settings.description): \(Printable.text("\(error)")); \(advice)"
    }
}
