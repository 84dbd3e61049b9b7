extension AccessPolicy {
    /// The role that a key acts in, in one repository; nil for none.
    ///
    /// Protected refs ask for it. A public repository adds nothing here.
    package static func effectiveRole(of key: KeyActor, in facts: RepositoryFacts) -> Role? {
        // A key that covers the whole hub is none of ours, so it covers nothing.
        guard key.restriction != .hub, key.restriction.covers(facts) else { return nil }
        return min(key.role, .write)
    }

    /// What a key may do to one repository; to all else it may do nothing.
    static func decide(_ key: KeyActor, _ action: Action, _ facts: RepositoryFacts) -> Decision {
        let role = effectiveRole(of: key, in: facts)
        guard role != nil || facts.visibility == .public else { return .deny(.notVisible) }
        if facts.isDisabled { return .deny(.disabled) }
        if action == .readContent, role == nil, facts.isGated { return .deny(.gated) }
        if action == .participate { return .deny(.insufficientKey) }
        guard let required = action.requiredRole else { return .deny(.insufficientKey) }
        if required == .read { return .allow }
        guard let role, role >= required else { return .deny(.insufficientKey) }
        return .allow
    }
}
