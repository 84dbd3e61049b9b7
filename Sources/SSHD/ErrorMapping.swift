import Access
import GitCore
import HubCore

/// What SSH makes of an error: the only place where kinds become a text on standard error and an exit status.
struct SSHFailure: Error, Sendable, Equatable {
    /// One line for standard error.
    let message: String
    /// The exit status.
    let status: Int32

    init(_ message: String, status: Int32 = SSHFailure.refused) {
        self.message = message
        self.status = status
    }

    /// git's own status for "fatal".
    static let refused: Int32 = 128

    /// Maps what a use case threw.
    ///
    /// - Parameter requestID: named when the fault is ours, so that it can be found in the log.
    init(_ error: any Error, requestID: String) {
        switch error {
        case let error as SSHFailure: self = error
        case let error as SSHCommand.Refusal: self.init(error.message, status: error.exitStatus)
        case let error as HubError: self.init(error, requestID)
        case is any ClientFault, is CancellationError: self.init("the conversation was broken off")
        default: self.init(Self.fault(requestID))
        }
    }

    private init(_ error: HubError, _ requestID: String) {
        switch error.kind {
        case .unauthenticated: self.init("your key is not valid any more")
        case .forbidden: self.init("you do not have the right to do this to this repository")
        case .notFound: self.init("the repository was not found")
        case .conflict, .invalid, .tooLarge: self.init(error.message)
        case .limited(let seconds), .unavailable(let seconds):
            self.init("\(error.message) Try again in \(max(1, seconds)) s.")
        case .moved(let address): self.init("the repository is now at \(address.path)")
        case .internalFailure: self.init(Self.fault(requestID))
        }
    }

    private static func fault(_ requestID: String) -> String {
        "something went wrong on the server (request \(requestID))"
    }

    /// The line as the client's person sees it.
    var line: String { "granary: \(message.singleLine(limit: 1_000))\n" }
}
