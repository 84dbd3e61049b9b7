import HubCore
import LFS
import Metadata

/// The documented exit codes.
enum ExitStatus: Int32, Sendable {
    case success = 0
    case failure = 1
    case usage = 2
    case notFound = 3
    case conflict = 4
    case forbidden = 5
}

/// Why a command ends without having done its work.
struct CommandFailure: Error {
    /// The exit code.
    let status: ExitStatus
    /// A sentence for standard error; empty when everything has been said.
    let message: String

    /// A failure of the command's own.
    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Translates an error of ours; nil for the argument parser's, which knows how to print itself.
    init?(describing error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as ConfigurationError: self.init(.usage, error.description)
        case let error as HubError: self.init(Self.status(of: error.kind), Self.message(of: error))
        case let failure as LFSFailure: self.init(failure.status == 404 ? .notFound : .failure, failure.message)
        case let error as MetadataError: self.init(Self.status(of: error), error.description)
        case let error as Terminal.Failure: self.init(.usage, error.description)
        case let error as DataDirectory.Failure: self.init(error.status, error.description)
        default: return nil
        }
    }
}

extension CommandFailure {
    private static func status(of kind: HubError.Kind) -> ExitStatus {
        switch kind {
        case .unauthenticated, .forbidden: .forbidden
        case .notFound, .moved: .notFound
        case .conflict: .conflict
        case .invalid, .tooLarge: .usage
        case .limited, .unavailable, .internalFailure: .failure
        }
    }

    /// The operator may see what clients may not.
    private static func message(of error: HubError) -> String {
        guard let diagnostics = error.diagnostics else { return error.message }
        return "\(error.message) (\(Printable.text(diagnostics)))"
    }

    private static func status(of error: MetadataError) -> ExitStatus {
        switch error {
        case .conflict: .conflict
        case .notFound: .notFound
        case .corrupt, .busy, .unavailable, .schemaTooNew, .cancelled, .failed: .failure
        }
    }
}
