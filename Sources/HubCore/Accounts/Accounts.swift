import Access
package import Logging
package import Metadata

/// Use cases about people: who they are, and their accounts, organisations, tokens and keys.
///
/// Each asks `Access` once, at its top; each change writes an audit row in the same transaction. The command line calls
/// them as `.operator`.
package struct Accounts: Sendable {
    let database: Database
    let settings: HubSettings
    let environment: HubEnvironment
    let logger: Logger
    let journal: Journal
    let throttle: LoginThrottle
    let passwords: PasswordVerifier
    /// Tokens that were shown lately, by their hashes, with their owners.
    let tokens = LastingReads<String, (TokenRecord, UserRecord)>(limit: 4_096)

    /// Accounts in `metadata`, which must have been migrated.
    ///
    /// - Throws: when there are no random bytes.
    package init(
        metadata: MetadataStore,
        settings: HubSettings,
        environment: HubEnvironment,
        logger: Logger
    ) throws {
        database = Database(store: metadata)
        self.settings = settings
        self.environment = environment
        self.logger = logger
        journal = Journal(environment: environment)
        throttle = LoginThrottle(limits: settings.loginLimits)
        passwords = PasswordVerifier(
            // A check holds 32 MiB and a processor for 80 ms: two at a time leave the rest to others, and who comes after
            // 64 would wait for more than two seconds.
            workers: BoundedWorkers(label: "granary.passwords", width: 2, depth: 64),
            key: try environment.randomBytes(32),
            costLogarithm: settings.passwordCostLogarithm
        )
    }

    /// Whether the actor is the account of that name.
    func isOwn(_ name: String, _ actor: Actor) -> Bool {
        guard case .user(let user) = actor else { return false }
        return foldedName(user.name) == foldedName(name)
    }

    /// Asks whether the actor may manage the account of that name: its owner, or whoever administers the hub.
    ///
    /// The answer depends on the name that was asked for, not on whether there is such an account.
    func requireManagement(of name: String, by actor: Actor) throws(HubError) {
        if isOwn(name, actor), let id = actor.userID {
            try AccessPolicy.decide(actor, .writeOwnAccount, on: .account(id)).require("account")
        } else {
            try AccessPolicy.decide(actor, .administerHub, on: .hub).require("account")
        }
    }

    /// Asks whether the actor may act as the account of that name, which making tokens and keys amounts to: only its
    /// owner and the operator.
    func requireOwnership(of name: String, by actor: Actor) throws(HubError) {
        guard actor != .operator else { return }
        guard isOwn(name, actor), let id = actor.userID else {
            throw .denied(actor == .anonymous ? .unauthenticated : .insufficientRole, "account")
        }
        try AccessPolicy.decide(actor, .writeOwnAccount, on: .account(id)).require("account")
    }

    /// The account of that name, for those who may know whether there is one.
    func existingUser(_ name: String, in records: Records) throws -> UserRecord {
        guard let user = try records.user(byName: name) else {
            throw HubError(.notFound, "There is no such user.")
        }
        return user
    }
}
