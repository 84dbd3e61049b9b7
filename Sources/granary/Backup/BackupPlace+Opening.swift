import ArgumentParser
import GitCore
import Glibc
import Logging
import ObjectStore

/// Where a backup is, as commands take it.
struct BackupPlaceOptions: ParsableArguments {
    @Argument(help: "The directory of the backup, or s3://BUCKET/PREFIX.")
    var place: String

    @Option(help: ArgumentHelp("The S3 store of s3://… places.", valueName: "url"))
    var endpoint: String?
    @Option(help: ArgumentHelp("The region in its signatures.", valueName: "region"))
    var region = "us-east-1"
    @Option(
        name: .customLong("credentials-file"),
        help: ArgumentHelp("Its credentials, a file as `s3-credentials-file` takes it.", valueName: "file")
    )
    var credentialsFile: String?
    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp("PEM certificates to trust beside the system's.", valueName: "file")
    )
    var certificateFile: String?

    private static let scheme = "s3://"
    private static let threads = 4

    /// Opens the place for as long as `body` runs.
    /// - Parameter isNew: whether a directory that is not there is made, and nobody else may write meanwhile.
    func withPlace<Value>(
        isNew: Bool,
        logger: Logger,
        _ body: (BackupPlace) async throws -> Value
    ) async throws -> Value {
        let lock = isNew && !place.hasPrefix(Self.scheme) ? try BackupLock(of: preparedDirectory()) : nil
        defer { withExtendedLifetime(lock) {} }
        let opened = try open(logger)
        do {
            let value = try await body(opened)
            await opened.contents.shutdown()
            return value
        } catch {
            await opened.contents.shutdown()
            throw Self.explained(error)
        }
    }

    private func preparedDirectory() throws -> String {
        do {
            try Directories.create(place)
            try Directories.create(place + "/points")
        } catch {
            throw CommandFailure(.failure, "the backup cannot be kept in \(Printable.text(place)): \(error)")
        }
        return place
    }

    private func open(_ logger: Logger) throws -> BackupPlace {
        guard place.hasPrefix(Self.scheme) else {
            guard access(place + "/points", F_OK) == 0 else {
                throw CommandFailure(.notFound, "there is no backup in \(Printable.text(place))")
            }
            let store = try FileObjectStore(root: place, threads: Self.threads)
            return BackupPlace(
                contents: VerifyingObjectStore(store) { _ in },
                points: BackupPointDirectory(path: place + "/points")
            )
        }
        let store = try bucket(logger)
        return BackupPlace(
            contents: VerifyingObjectStore(store) { _ in },
            points: BackupPointBucket(store: store)
        )
    }

    private func bucket(_ logger: Logger) throws -> S3ObjectStore {
        let parts = place.dropFirst(Self.scheme.count).split(separator: "/", maxSplits: 1)
        let (bucket, prefix) = (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "backup")
        guard S3Settings.bucketName.contains(bucket), S3Settings.keyPrefix.contains(prefix) else {
            throw CommandFailure(.usage, "\(Printable.text(place)) is not s3://BUCKET/PREFIX")
        }
        guard let endpoint = endpoint.flatMap({ S3Endpoint($0) })
        else {
            throw CommandFailure(.usage, "say where the S3 store is, with --endpoint https://HOST")
        }
        guard let credentialsFile else {
            throw CommandFailure(.usage, "say where the credentials of the S3 store are, with --credentials-file FILE")
        }
        var configuration = S3Configuration(endpoint: endpoint, bucket: bucket)
        (configuration.prefix, configuration.region, configuration.certificateFile) = (prefix, region, certificateFile)
        configuration.isProxied = true
        do {
            let credentials = try S3CredentialsFile(credentialsFile, logger: logger)
            return try S3ObjectStore(configuration, credentials: credentials, logger: logger)
        } catch {
            throw CommandFailure(.usage, "the S3 store of the backup cannot be used: \(Printable.text("\(error)"))")
        }
    }

    /// Failures of files and stores, as sentences.
    private static func explained(_ error: any Error) -> any Error {
        switch error {
        case ObjectStoreError.damaged(let key): CommandFailure(.failure, "\(key) in the backup is damaged")
        case let error as ObjectStoreError: CommandFailure(.failure, Printable.text("\(error)"))
        case let error as FileError: CommandFailure(.failure, Printable.text("\(error)"))
        default: error
        }
    }
}

/// The right to write to a backup in a directory; the kernel takes it back when the process ends.
final class BackupLock: Sendable {
    private let descriptor: Int32

    /// Takes it.
    /// - Throws: `CommandFailure` when another process has it.
    init(of directory: String) throws {
        let path = directory + "/backup.lock"
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(.failure, "cannot open \(Printable.text(path)): \(SystemError.text(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandFailure(.conflict, "another process writes to the backup in \(Printable.text(directory))")
        }
    }

    deinit { close(descriptor) }
}
