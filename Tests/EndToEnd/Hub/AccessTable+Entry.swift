/// How an operation is tried; who may is told by its `x-need`.
///
/// Most entries say nothing, or a body.
///
/// In bodies, queries and parameters these words stand for what the moment gives:
/// `$name`, `$namespace`, `$id` of the repository ("namespace/name"), `$type` and `$types` of it ("model", "models"),
/// `$fresh`, a name that nothing has yet, `$made`, what the preparation made, `$before`, what the preparation of that made,
/// `$outsider`, somebody's name, and `$actor`, the asker's.
struct AccessEntry: Sendable {
    /// What has to be there first: another operation, tried with the same `$fresh`.
    struct Preparation: Sendable {
        /// The other operation's id.
        let operation: String
        /// The keys that lead to `$made` in its answer, with points between them.
        let made: String?
        /// Whether every asker prepares for themselves, where they may; else the owner does.
        let byActor: Bool
    }

    /// Parameters of the path; see `AccessEntry.usual` for those that need not be given.
    var path: [String: String] = [:]
    /// The query, encoded.
    var query = ""
    /// The body; an operation with a body of JSON is sent `{}` without one.
    var body: String?
    /// The statuses that show that the asker was let through, besides those below 400.
    var letsThrough: Set<Int> = []
    /// What has to be there first.
    var preparation: Preparation?
    /// Whether the repository is used up by it.
    var isConsuming = false
    /// Where `x-need` does not tell the whole of it.
    var need: AccessNeed?
    /// Who gets something else, at repositories of every setting.
    var exceptions: [AccessActor: AccessVerdict] = [:]
    /// Why it is not tried; such operations have tests of their own.
    var untried: String?

    /// Nothing but the path.
    static let plain = AccessEntry()

    /// With a body: JSON, unless the operation takes something else.
    static func body(_ text: String) -> AccessEntry { AccessEntry(body: text) }

    /// With parameters of the path.
    static func path(_ values: [String: String]) -> AccessEntry { AccessEntry(path: values) }

    /// With a query.
    static func query(_ text: String) -> AccessEntry { AccessEntry(query: text) }

    /// Not tried, and why.
    static func untried(_ reason: String) -> AccessEntry { AccessEntry(untried: reason) }

    func path(_ values: [String: String]) -> AccessEntry { with { $0.path = values } }
    func query(_ text: String) -> AccessEntry { with { $0.query = text } }
    func body(_ text: String) -> AccessEntry { with { $0.body = text } }
    func need(_ need: AccessNeed) -> AccessEntry { with { $0.need = need } }
    func lettingThrough(_ statuses: Int...) -> AccessEntry { with { $0.letsThrough = Set(statuses) } }

    /// Uses up the repository: each asker who may gets one of their own.
    var consuming: AccessEntry { with { $0.isConsuming = true } }

    /// After the owner did something else.
    func after(_ operation: String, made: String? = nil) -> AccessEntry {
        with { $0.preparation = Preparation(operation: operation, made: made, byActor: false) }
    }

    /// After the asker did something else.
    func afterOwn(_ operation: String, made: String? = nil) -> AccessEntry {
        with { $0.preparation = Preparation(operation: operation, made: made, byActor: true) }
    }

    /// Somebody gets something else.
    func except(_ actors: AccessActor..., get verdict: AccessVerdict) -> AccessEntry {
        with { entry in for actor in actors { entry.exceptions[actor] = verdict } }
    }

    private func with(_ change: (inout AccessEntry) -> Void) -> AccessEntry {
        var entry = self
        change(&entry)
        return entry
    }

    /// What `actor` has to get from an operation that says it needs `need`.
    func verdict(_ actor: AccessActor, _ setting: AccessSetting, _ need: AccessNeed) -> AccessVerdict {
        exceptions[actor] ?? (self.need ?? need).verdict(actor, setting)
    }

    /// Parameters of paths that have the same value nearly everywhere.
    static let usual = [
        "namespace": "$namespace", "name": "$name", "repoType": "$types", "revision": "main", "path": ".gitattributes",
    ]
}
