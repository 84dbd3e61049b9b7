import NIOCore

/// Collects the lines that make up a fetch request, and checks them one by one and together.
struct FetchRequestBuilder: Sendable {
    private(set) var request = FetchRequest()
    let limits: GitLimits

    private var wanted: Set<ObjectID> = []
    private var wantedRefs: Set<WantedRef> = []
    private var depth: Int?
    private var since: Int64?
    private var not: [RefSpelling] = []

    /// Most `deepen-not` lines of one request.
    static let maximumDeepenNots = 1_024

    init(limits: GitLimits) {
        self.limits = limits
    }

    /// Whether a filter line was read.
    var hasFilter: Bool { request.filter != nil }

    mutating func want(_ digits: some Collection<UInt8>) throws(RequestError) {
        let oid = try objectID(digits)
        guard wanted.insert(oid).inserted else { return }
        request.wants.append(oid)
        try checkWantCount()
    }

    mutating func wantRef(_ name: some Collection<UInt8>) throws(RequestError) {
        let ref: WantedRef
        do {
            ref = try WantedRef(reading: name)
        } catch {
            throw .refName(error)
        }
        guard wantedRefs.insert(ref).inserted else { throw .duplicate("want-ref \(name.excerpt)") }
        request.wantRefs.append(ref)
        try checkWantCount()
    }

    mutating func have(_ digits: some Collection<UInt8>) throws(RequestError) {
        guard request.haves.count < limits.haves else { throw .tooMany("have", limit: limits.haves) }
        request.haves.append(try objectID(digits))
    }

    mutating func shallow(_ digits: some Collection<UInt8>) throws(RequestError) {
        guard request.shallows.count < limits.shallows else { throw .tooMany("shallow", limit: limits.shallows) }
        request.shallows.append(try objectID(digits))
    }

    /// A depth of 0 is no request for a depth, a depth beyond the infinite one is infinite.
    mutating func deepen(_ digits: some Collection<UInt8>) throws(RequestError) {
        guard let number = digits.decimalNumber(), number > 0 else { throw .invalidDeepen(digits.excerpt) }
        depth = min(Int(clamping: number), Deepen.infiniteDepth)
    }

    mutating func deepenSince(_ digits: some Collection<UInt8>) throws(RequestError) {
        guard let number = digits.decimalNumber() else { throw .invalidDeepen(digits.excerpt) }
        since = number
    }

    mutating func deepenNot(_ spelling: some Collection<UInt8>) throws(RequestError) {
        guard let ref = RefSpelling(spelling) else { throw .invalidDeepen(spelling.excerpt) }
        guard not.count < Self.maximumDeepenNots else { throw .tooMany("deepen-not", limit: Self.maximumDeepenNots) }
        not.append(ref)
    }

    mutating func filter(_ text: some Collection<UInt8>) throws(RequestError) {
        guard request.filter == nil else { throw .duplicate("filter") }
        do {
            request.filter = try ObjectFilter(parsing: text)
        } catch {
            throw .filter(error)
        }
    }

    /// Sets what has no argument.
    mutating func set(_ change: (inout FetchRequest) -> Void) {
        change(&request)
    }

    /// The request, once all its lines are read.
    ///
    /// - Throws: `deepenConflict` when a depth meets a date or a ref.
    func finish() throws(RequestError) -> FetchRequest {
        var request = request
        let hasBoundary = since != nil || !not.isEmpty
        guard depth == nil || !hasBoundary else { throw .deepenConflict }
        if let depth { request.deepen = .depth(depth) }
        if hasBoundary { request.deepen = .boundary(since: since, not: not) }
        return request
    }

    private func checkWantCount() throws(RequestError) {
        guard request.wants.count + request.wantRefs.count <= limits.wants else {
            throw .tooMany("want", limit: limits.wants)
        }
    }
}

/// Reads the argument of a line that names an object.
///
/// - Throws: `invalidObjectID` for anything but 40 hexadecimal digits.
func objectID(_ digits: some Collection<UInt8>) throws(RequestError) -> ObjectID {
    guard let oid = ObjectID(hex: digits) else { throw .invalidObjectID(digits.excerpt) }
    return oid
}
