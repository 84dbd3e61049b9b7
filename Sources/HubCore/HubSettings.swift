package import GitCore

/// What the person who runs the hub has decided.
///
/// Checked by the command line, plain here.
package struct HubSettings: Sendable, Equatable {
    /// Where the hub keeps its files; absolute, without a slash at the end.
    package var dataDirectory: String
    /// The base of URLs that the hub tells others, without a slash at its end; nil when each request says it.
    package var publicURL: String?
    /// Whether Basic authentication takes an account's password.
    ///
    /// Tokens are always taken.
    package var passwordLoginEnabled = true
    /// What one git request or push may cost.
    package var limits = GitLimits.standard
    /// What the hub calls itself to git's clients: printable ASCII without spaces, for instance `granary/0.1`.
    package var agent = "granary"
    /// How much work on packs runs at a time.
    package var gitThreads = 8
    /// How many git requests run at once, over all frontends.
    package var gitConcurrency = GitConcurrency.standard
    /// How much is kept of the packs that were sent.
    package var packCache = PackCache.Limits()
    /// 32 random bytes of this installation, from which `SigningKey` derives those for single uses.
    ///
    /// Empty, nothing can be signed: there is no default secret.
    package var signingKey: [UInt8] = []
    /// For how many seconds a link to a large file is good; 6 through 86,400, longer for very large files.
    package var lfsActionSeconds = 3_600
    /// Every so many seconds the garbage among large files is collected; 0 for only when somebody says so.
    package var lfsCollectionSeconds = 86_400
    /// Above so many bytes a large file is sent in parts by clients that can; Hugging Face's draw the line here.
    package var lfsMultipartBytes: Int64 = 5 << 30
    /// How far chunks of files are shared.
    package var xetDeduplication = XetDeduplication.organization
    /// Large files of so many bytes and more that come by git-lfs can be downloaded in chunks as well; 0 for none.
    package var xetChunkedFrom: Int64 = 1 << 20
    /// Binary logarithm of scrypt's N for new passwords and for the work that unknown accounts cost; 15 is 32 MiB.
    package var passwordCostLogarithm = 15
    /// Bounds on failed logins.
    package var loginLimits = LoginLimits()

    /// Settings with defaults for all but the place.
    package init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }

    /// Where repositories are.
    package var repositoriesDirectory: String { "\(dataDirectory)/repositories" }
}

/// How many failed logins are taken before the client is told to wait.
package struct LoginLimits: Sendable, Equatable {
    /// Seconds after which failures are forgotten, counted from the first.
    package var windowSeconds = 60
    /// Failed passwords per window of one account from one address.
    package var failuresPerAccountAndAddress = 10
    /// Failed passwords and tokens per window from one address.
    package var failuresPerAddress = 60
    /// Accounts and addresses remembered; the oldest are forgotten first.
    package var entries = 10_000

    /// The defaults.
    package init() {}
}
