import NIOCore
import NIOSSL
import Synchronization

/// The TLS context that new connections take.
///
/// Reloading replaces it; open connections keep theirs.
final class CertificateStore: Sendable {
    private let files: TLSFiles
    private let context: Mutex<NIOSSLContext>

    /// Reads the files.
    ///
    /// - Throws: NIOSSL's error when one cannot be read, or key and certificate do not belong together.
    init(_ files: TLSFiles) throws {
        self.files = files
        context = Mutex(try Self.makeContext(files))
    }

    /// The context of the files as last read.
    var current: NIOSSLContext { context.withLock { $0 } }

    /// Reads the files again.
    ///
    /// A failure leaves the old context in force.
    func reload() throws {
        let fresh = try Self.makeContext(files)
        context.withLock { $0 = fresh }
    }

    private static func makeContext(_ files: TLSFiles) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificatePath)
        let key = try NIOSSLPrivateKey(file: files.keyPath, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }
}
