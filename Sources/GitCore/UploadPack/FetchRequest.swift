/// What a client asks of `upload-pack`, the same for all versions of the protocol.
package struct FetchRequest: Sendable, Hashable {
    /// Objects to send, without duplicates, in the client's order.
    package var wants: [ObjectID] = []
    /// Refs to send, and whose values to report; v2 only.
    package var wantRefs: [WantedRef] = []
    /// Objects the client says it has; in v0 and v1 they come after the request and the engine collects them.
    package var haves: [ObjectID] = []
    /// The client ends the negotiation; v2 only.
    package var done = false
    /// The pack may hold deltas against objects that the client has.
    package var thinPack = false
    /// Nothing is to be written to band 2.
    package var noProgress = false
    /// Annotated tags are to be sent along with what they point to.
    package var includeTag = false
    /// The pack may hold deltas that name their base by offset.
    package var ofsDelta = false
    /// The client's boundary: commits whose parents it does not have.
    package var shallows: [ObjectID] = []
    /// How the history is to be cut; nil when no new boundary is asked for.
    package var deepen: Deepen?
    /// `deepen` counts from the client's boundary instead of from the wants.
    package var deepenRelative = false
    /// What to leave out.
    package var filter: ObjectFilter?
    /// Every line of the response carries a band byte; v2 only.
    package var sidebandAll = false
    /// `ready` must never be sent; v2 only.
    package var waitForDone = false
    /// How the pack is framed; always `large` in v2.
    package var sideBand: SideBandLimit = .none
    /// How haves are acknowledged; means nothing in v2.
    package var ackMode: AckMode = .single
    /// The pack may follow `ready` without another round; v0 and v1 only.
    package var noDone = false

    /// An empty request.
    package init() {}
}

/// What a `want-ref` line names.
package enum WantedRef: Sendable, Hashable {
    /// `HEAD`, whatever it resolves to; clones ask for it.
    case head
    /// A full name.
    case ref(RefName)

    /// Reads the argument of a `want-ref` line.
    package init(reading name: some Collection<UInt8>) throws(RefNameError) {
        self = name.elementsEqual("HEAD".utf8) ? .head : .ref(try RefName(validating: name))
    }

    /// As the client wrote it.
    package var name: String {
        switch self {
        case .head: "HEAD"
        case .ref(let name): name.string
        }
    }
}

/// How the history is to be cut.
package enum Deepen: Sendable, Hashable {
    /// This many commits from the wants (or from the client's boundary), 1 through `infiniteDepth`.
    case depth(Int)
    /// Commits before `since` (seconds since 1970) and commits reachable from one of `not` are left out.
    case boundary(since: Int64?, not: [RefSpelling])

    /// The depth that means the whole history: `git fetch --unshallow`.
    package static let infiniteDepth = 0x7fff_ffff
}

/// How a v0 or v1 server acknowledges haves.
package enum AckMode: Sendable, Hashable {
    /// Only the first common object.
    case single
    /// Capability `multi_ack`.
    case multi
    /// Capability `multi_ack_detailed`.
    case detailed
}
