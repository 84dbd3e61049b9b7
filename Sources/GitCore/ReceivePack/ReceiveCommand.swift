/// One ref update that a push asks for.
package struct ReceiveCommand: Sendable, Hashable {
    /// What the client wants to be done.
    package enum Kind: Sendable, Hashable {
        case create, update, delete
    }

    /// The ref that is to be changed, or why it cannot be one.
    package enum Target: Sendable, Hashable {
        case valid(RefName)
        /// The name breaks this rule; only this command fails, with `funny refname`.
        case invalid(RefNameError)
    }

    /// What the client believes the ref to be; zero when it believes that there is none.
    package let old: ObjectID
    /// What the ref is to become; zero to delete it.
    package let new: ObjectID
    /// The name as the client wrote it, which the report repeats; at most 1 024 bytes.
    package let rawName: [UInt8]
    /// The checked name; a delete may name a ref that today's rules would not let anybody create.
    package let target: Target

    /// A command with a name that still has to be checked.
    package init(old: ObjectID, new: ObjectID, rawName: [UInt8]) {
        self.old = old
        self.new = new
        self.rawName = rawName
        do throws(RefNameError) {
            target = .valid(new == .zero ? try RefName(lenient: rawName) : try RefName(validating: rawName))
        } catch {
            target = .invalid(error)
        }
    }

    /// Reads `old-oid SP new-oid SP name`.
    ///
    /// - Throws: `invalidObjectID` or `unexpectedLine` when the line has another form, `refName(.tooLong)` beyond 1 024 bytes.
    /// - Source: gitprotocol-pack(5) "Reference Update Request and Packfile Transfer".
    init(parsing line: some Collection<UInt8>) throws(RequestError) {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, !words[2].isEmpty else { throw .unexpectedLine(line.excerpt) }
        guard words[2].count <= RefName.maximumBytes else { throw .refName(.tooLong) }
        self.init(old: try objectID(words[0]), new: try objectID(words[1]), rawName: Array(words[2]))
    }

    /// What the client wants to be done; a command whose ids are both zero is a delete of nothing.
    package var kind: Kind {
        if new == .zero { return .delete }
        return old == .zero ? .create : .update
    }

    /// The checked name; nil when it is invalid.
    package var name: RefName? {
        guard case .valid(let name) = target else { return nil }
        return name
    }
}
