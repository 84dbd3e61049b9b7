import NIOCore

/// Reads the argument lines of one command of protocol v2.
protocol V2ArgumentReader: Sendable {
    /// Takes one line, without its LF.
    mutating func receive(_ line: ByteBufferView) throws(RequestError)
    /// The command, once its arguments have ended.
    func finish() throws(RequestError) -> V2Command
}

/// Arguments of `ls-refs`.
struct LsRefsArguments: V2ArgumentReader {
    private var request = LsRefsRequest()
    private var hasTooManyPrefixes = false
    private let limits: GitLimits

    init(limits: GitLimits) {
        self.limits = limits
    }

    mutating func receive(_ line: ByteBufferView) throws(RequestError) {
        if let prefix = line.argument(after: "ref-prefix ") { return add(prefix: prefix) }
        if line.isWord("peel") {
            request.peel = true
        } else if line.isWord("symrefs") {
            request.symrefs = true
        } else if line.isWord("unborn") {
            request.unborn = true
        } else {
            throw .unexpectedLine(line.excerpt)
        }
    }

    func finish() -> V2Command { .lsRefs(request) }

    /// The filter only saves bytes, so a client that sends too many prefixes gets every ref instead of an error.
    private mutating func add(prefix: ByteBufferView) {
        guard !hasTooManyPrefixes else { return }
        request.prefixes.append(Array(prefix))
        guard request.prefixes.count > limits.refPrefixes else { return }
        request.prefixes = []
        hasTooManyPrefixes = true
    }
}

/// Arguments of `fetch`.
struct FetchArguments: V2ArgumentReader {
    private var builder: FetchRequestBuilder
    private let features: V2Features

    init(limits: GitLimits, features: V2Features) {
        builder = FetchRequestBuilder(limits: limits)
        builder.set { $0.sideBand = .large }
        self.features = features
    }

    mutating func receive(_ line: ByteBufferView) throws(RequestError) {
        if let oid = line.argument(after: "have ") { return try builder.have(oid) }
        if let oid = line.argument(after: "want ") { return try builder.want(oid) }
        if let oid = line.argument(after: "shallow ") { return try builder.shallow(oid) }
        if let depth = line.argument(after: "deepen ") { return try builder.deepen(depth) }
        if let time = line.argument(after: "deepen-since ") { return try builder.deepenSince(time) }
        if let ref = line.argument(after: "deepen-not ") { return try builder.deepenNot(ref) }
        if let filter = line.argument(after: "filter ") { return try builder.filter(filter) }
        if let ref = line.argument(after: "want-ref "), features.refInWant { return try builder.wantRef(ref) }
        guard line.count <= 32, let change = change(for: String(decoding: line, as: UTF8.self)) else {
            throw .unexpectedLine(line.excerpt)
        }
        builder.set(change)
    }

    func finish() throws(RequestError) -> V2Command {
        .fetch(try builder.finish())
    }

    private func change(for word: String) -> ((inout FetchRequest) -> Void)? {
        switch word {
        case "done": { $0.done = true }
        case "thin-pack": { $0.thinPack = true }
        case "no-progress": { $0.noProgress = true }
        case "include-tag": { $0.includeTag = true }
        case "ofs-delta": { $0.ofsDelta = true }
        case "deepen-relative": { $0.deepenRelative = true }
        case "wait-for-done": { $0.waitForDone = true }
        case "sideband-all" where features.sidebandAll: { $0.sidebandAll = true }
        default: nil
        }
    }
}

/// Arguments of `object-info`.
struct ObjectInfoArguments: V2ArgumentReader {
    private var request = ObjectInfoRequest()
    private let limits: GitLimits

    init(limits: GitLimits) {
        self.limits = limits
    }

    mutating func receive(_ line: ByteBufferView) throws(RequestError) {
        if line.isWord("size") {
            request.size = true
        } else if let digits = line.argument(after: "oid ") {
            guard request.oids.count < limits.wants else { throw .tooMany("oid", limit: limits.wants) }
            request.oids.append(try objectID(digits))
        } else {
            throw .unexpectedLine(line.excerpt)
        }
    }

    func finish() -> V2Command { .objectInfo(request) }
}
