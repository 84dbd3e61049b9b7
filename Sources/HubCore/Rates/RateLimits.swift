/// What requests are counted as: each kind apart, so that a download of many files leaves the API usable.
package enum RateBucket: String, Sendable, CaseIterable {
    /// The API.
    case api
    /// Files by their path: `resolve` and `raw`.
    case resolvers
    /// Git and large files.
    case git
}

/// How many requests are taken from one client in a window of time; 0 for any number.
package struct RateQuota: Sendable, Equatable {
    /// Of the API.
    package var api: Int
    /// Of files by their path.
    package var resolvers: Int
    /// Of git and large files.
    package var git: Int

    /// A quota from its parts.
    package init(api: Int, resolvers: Int, git: Int) {
        self.api = api
        self.resolvers = resolvers
        self.git = git
    }

    /// The number for a kind of requests; nil for any number.
    func number(of bucket: RateBucket) -> Int? {
        let number =
            switch bucket {
            case .api: api
            case .resolvers: resolvers
            case .git: git
            }
        return number > 0 ? number : nil
    }
}

/// How many requests clients may make.
///
/// They stop loops that have gone wild, not people: a snapshot of thousands of files, parallel listings, and a fleet of
/// builds behind one account pass. The values are listed with their reasons in `docs/LIMITS.md`.
package struct RateLimits: Sendable, Equatable {
    /// The length of a window.
    package var windowSeconds = 300
    /// Of one account, whatever credentials it shows and wherever it comes from.
    package var account = RateQuota(api: 100_000, resolvers: 500_000, git: 100_000)
    /// Of one network, as long as nobody has signed in.
    package var network = RateQuota(api: 50_000, resolvers: 250_000, git: 50_000)
    /// Accounts, and networks, that are remembered.
    package var clients = 32_768

    /// The defaults.
    package init() {}

    /// The defaults.
    package static let standard = RateLimits()
}
