/// The ways of moving objects that the server knows, named as in `transfers`.
package enum TransferAdapter: String, Sendable, CaseIterable {
    /// One PUT or GET per object.
    case basic
    /// Parts with a URL each, as the Hugging Face clients upload large files.
    case multipart
    /// By chunks: git-xet, and Hugging Face's clients of the year before they asked no more.
    case xet
    /// git-lfs-transfer, on which this batch came in as well.
    case ssh

    /// The adapter of an answer.
    ///
    /// - Parameters:
    ///   - asked: what the client lists, unknown names included.
    ///   - offered: what the server would use here, best first.
    /// - Returns: the first offer that the client knows; `basic`, which every client knows, when there is none.
    package static func choose(asked: [String], offered: [TransferAdapter]) -> TransferAdapter {
        offered.first { asked.contains($0.rawValue) } ?? .basic
    }
}
