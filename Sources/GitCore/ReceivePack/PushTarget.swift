/// A change of one ref that a push asks for, after all checks of its objects.
package struct RefUpdate: Sendable, Equatable {
    package var name: RefName
    /// The value that the ref must have; zero when it must not exist.
    package var old: ObjectID
    /// The value that it gets; zero to delete it.
    package var new: ObjectID
    /// For an annotated tag, the object at the end of its chain.
    package var peeled: ObjectID?
    /// True when the old value is not an ancestor of the new one.
    package var isForced: Bool

    package init(name: RefName, old: ObjectID, new: ObjectID, peeled: ObjectID? = nil, isForced: Bool = false) {
        self.name = name
        self.old = old
        self.new = new
        self.peeled = peeled
        self.isForced = isForced
    }

    /// True when the ref is removed.
    package var isDelete: Bool { new == .zero }
}

/// Ref updates that are to happen in one transaction.
package struct RefTransaction: Sendable {
    package var updates: [RefUpdate]
    /// All or none.
    package var isAtomic: Bool
    /// False when objects may be left that no ref leads to.
    package var everyObjectReachable: Bool
    package var pushOptions: [String]

    package init(updates: [RefUpdate], isAtomic: Bool, everyObjectReachable: Bool, pushOptions: [String]) {
        self.updates = updates
        self.isAtomic = isAtomic
        self.everyObjectReachable = everyObjectReachable
        self.pushOptions = pushOptions
    }
}

/// The repository as a push sees it: its refs, and the rules for changing them.
///
/// Fulfilled by whoever keeps the refs.
package protocol PushTarget: Sendable {
    /// The refs at this moment.
    func snapshot() async throws -> RefSnapshot

    /// Why this actor may not do this to this ref, in a few words; nil when it may. Asked before the pack is read.
    func refusal(of command: ReceiveCommand, name: RefName) -> String?

    /// Why this update, which replaces history, is not allowed; nil when it is.
    func refusal(ofForced update: RefUpdate) -> String?

    /// Which blobs the rules about content want to see; nil for none.
    var blobProbe: BlobProbe? { get }

    /// What speaks against the push because of what it brings. Asked once the objects are known to be whole.
    func objections(to content: PushContent) async throws -> PushObjections

    /// Waits until no other push to this repository publishes or changes refs.
    func lock() async throws -> any PushLock
}

/// The exclusive right to publish packs and change refs of one repository, until `release`.
package protocol PushLock: Sendable {
    /// The refs as they are now; nobody else changes them through this server until `release`.
    func snapshot() async throws -> RefSnapshot

    /// Changes refs by compare-and-swap in one transaction.
    ///
    /// - Returns: for each update nil when it was done, else the reason in a few words.
    /// - Throws: `SettledFailure` when nothing was changed and that is written down; anything else leaves it open.
    func commit(_ transaction: RefTransaction) async throws -> [String?]

    /// Lets the next one go on.
    func release()
}

/// That refs were not changed, for certain: that no ref leads to what was published is known.
package struct SettledFailure: Error {
    /// Why.
    package let cause: any Error

    /// A failure for a reason.
    package init(_ cause: any Error) {
        self.cause = cause
    }
}
