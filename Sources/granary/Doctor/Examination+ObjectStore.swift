import Glibc
import Logging
import ObjectStore

extension Examination {
    /// Whether large files can be kept where the configuration says.
    func objectStore(of directory: DataDirectory) async throws -> [Finding] {
        let logger = LogOutput(format: .text, level: .critical).logger(label: "granary")
        let composition = Composition(configuration: configuration, directory: directory, logger: logger)
        guard let settings = try S3Settings(configuration) else {
            return try objectDirectory(composition.objectDirectory)
        }
        var findings = [await s3(settings, composition)]
        findings += try clientsWay(settings) + secretsInFiles()
        return findings
    }

    /// The directory, made by the check of the database if it was not there before.
    private func objectDirectory(_ path: String) throws -> [Finding] {
        let check = "large files"
        var findings = [privacy(check, path)]
        guard access(path, W_OK | X_OK) == 0 else {
            return findings + [.problem(check, "\(path) cannot be written: \(SystemError.text(errno))")]
        }
        // In the data directory it shares the space that is looked at anyway.
        if try configuration[Keys.objects] != nil { findings.append(diskSpace(check + " space", path)) }
        return findings
    }

    private func s3(_ settings: S3Settings, _ composition: Composition) async -> Finding {
        let check = "large files"
        let store: S3ObjectStore
        do { store = try composition.s3Store(settings) } catch {
            return .problem(check, CommandFailure(describing: error)?.message ?? "\(error)")
        }
        let result = await Result { try await store.probe() }
        await store.shutdown()
        switch result {
        case .success(let abilities) where abilities.verifiesChecksums || settings.store.isProxied:
            return .ok(check, "\(settings.description) can be written, read and listed")
        case .success:
            return .warning(
                check,
                "\(settings.description) does not compare checksums: uploads go through this server"
            )
        case .failure(let error as ObjectStoreError):
            return .problem(check, Composition.explanation(of: error, settings))
        case .failure(let error): return .problem(check, "\(error)")
        }
    }

    /// Whether clients can use the links that the hub makes.
    private func clientsWay(_ settings: S3Settings) throws -> [Finding] {
        guard !settings.store.isProxied else { return [] }
        let endpoint = settings.store.publicEndpoint ?? settings.store.endpoint
        let isSecure = try configuration[Keys.publicURL]?.hasPrefix("https://") ?? false
        guard isSecure, !endpoint.isSecure else { return [] }
        return [
            .warning(
                "links to large files",
                "clients are sent to \(endpoint.text) without encryption; set s3-public-endpoint, or s3-mode to proxy"
            )
        ]
    }

    /// Whether the files that have a secret in them are private.
    private func secretsInFiles() throws -> [Finding] {
        let isInFile = [Keys.s3SecretKey, Keys.s3SessionToken].contains { configuration.source(of: $0) == .file }
        let files = [
            ("configuration file", isInFile ? try configuration[Keys.config] : nil),
            ("credentials file", try configuration[Keys.s3CredentialsFile]),
        ]
        return files.compactMap { check, path in
            guard let path else { return nil }
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & 0o007 == 0 { return nil }
            return .problem(check, "everybody can read the secret in it; run: chmod o-rwx \(path)")
        }
    }
}

extension Result where Failure == any Error {
    /// The outcome of something that takes time.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
