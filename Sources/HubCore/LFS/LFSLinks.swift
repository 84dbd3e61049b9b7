package import LFS
import ObjectStore

/// Where the routes of one repository's large files are, for clients.
///
/// Only a frontend knows the address under which it is reached; it answers below `base` what these links name:
/// `objects/{oid}` by GET, HEAD and PUT, `objects/{oid}/verify` and `objects/{oid}/complete` by POST, each with a query
/// that `SignedAction` reads.
package struct LFSLinks: Sendable {
    /// `https://host/ada/tiny.git/info/lfs`, without a slash at the end.
    package var base: String
    /// Where clients that upload by chunks get a token for the repository, and the storage of chunks; nil over SSH.
    package var xet: (tokenURL: String, storage: String)?
    /// Whether the client sends the fields of an action along, as LFS wants it.
    ///
    /// Hugging Face's clients do not: a store that was promised these fields refuses what they send, so single uploads of
    /// theirs go through the hub.
    package var clientSendsFields = true

    /// Links below a base.
    package init(base: String, xet: (tokenURL: String, storage: String)? = nil) {
        self.base = base
        self.xet = xet
    }

    /// The URL of a signed action.
    package func url(of action: SignedAction) -> String {
        "\(base)/objects/\(action.ticket.oid.hex)\(Self.suffix(of: action.ticket.verb))?\(action.query)"
    }

    private static func suffix(of verb: ActionTicket.Verb) -> String {
        switch verb {
        case .download, .upload, .part: ""
        case .verify, .verifyDirect: "/verify"
        case .complete: "/complete"
        }
    }
}
