import LFS
import Metadata
import Metrics

extension HubError {
    /// What leaves a use case when `error` happened inside: a `HubError`, or `CancellationError`, which stays what it is.
    ///
    /// What is not foreseen is our fault: the client learns nothing of it, the log everything.
    package static func translating(_ error: any Error) -> any Error {
        switch error {
        case is HubError, is LFSFailure, is XetFailure, is CancellationError: error
        case let error as MetadataError: translating(error)
        default: HubError(.internalFailure, internalMessage, diagnostics: "\(type(of: error)): \(error)")
        }
    }

    private static let internalMessage = "Something went wrong in the hub."

    private static func translating(_ error: MetadataError) -> any Error {
        switch error {
        case .conflict:
            HubError(.conflict, "Somebody else made a conflicting change.", diagnostics: error.description)
        case .notFound:
            HubError(.conflict, "What was to be changed is gone.", diagnostics: error.description)
        case .busy:
            HubError(.unavailable(retryAfterSeconds: 2), "The hub is busy. Try again.", diagnostics: error.description)
        case .unavailable:
            HubError(
                .unavailable(retryAfterSeconds: 10),
                "The hub cannot reach its database. Try again later.",
                diagnostics: error.description
            )
        case .cancelled: CancellationError()
        case .corrupt, .failed, .schemaTooNew:
            HubError(.internalFailure, internalMessage, diagnostics: error.description)
        }
    }
}

/// The records, with errors in the words of `HubError`.
struct Database: Sendable {
    let store: MetadataStore

    /// Another number after anybody has changed anything; nil when that cannot be told at once.
    var version: Int64? { store.version }

    /// Answers from one snapshot.
    func read<T: Sendable>(_ body: @Sendable (Records) throws -> T) async throws -> T {
        let start = monotonicNanoseconds()
        defer { Self.reads.recordNanoseconds(monotonicNanoseconds() - start) }
        do { return try await store.read(body) } catch { throw HubError.translating(error) }
    }

    /// All of it or nothing.
    func transaction<T: Sendable>(_ body: @Sendable (Records) throws -> T) async throws -> T {
        let start = monotonicNanoseconds()
        defer { Self.transactions.recordNanoseconds(monotonicNanoseconds() - start) }
        do { return try await store.transaction(body) } catch { throw HubError.translating(error) }
    }

    /// Time from asking to having the answer, waiting for the database included.
    private static let reads = timer("read")
    private static let transactions = timer("transaction")

    private static func timer(_ kind: String) -> Metrics.Timer {
        Metrics.Timer(label: "granary_database_seconds", dimensions: [("kind", kind)])
    }
}
