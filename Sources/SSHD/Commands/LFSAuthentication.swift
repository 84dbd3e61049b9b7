import Access
import HubCore
import Metadata

/// The answer to `git-lfs-authenticate`: where the LFS API is, and what to show there.
struct LFSAuthentication {
    /// The token and what it is good for.
    let grant: LFSGrant
    /// Scheme, host and port of the HTTP side, without a slash at the end.
    let httpBase: String

    /// The JSON object, on one line.
    var json: String {
        let href = "\(httpBase)/\(grant.repository.path).git/info/lfs"
        return #"{"href":"\#(escaped(href))","header":{"Authorization":"RemoteAuth \#(escaped(grant.token))"},"#
            + #""expires_in":\#(grant.expiresIn),"expires_at":"\#(grant.expiresAt.description)"}"#
    }

    /// Neither text holds anything to escape unless the public URL does, which the operator wrote.
    private func escaped(_ text: String) -> String {
        text.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#)
    }
}
