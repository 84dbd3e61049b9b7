/// Which blobs of a push somebody wants to see: small ones that begin in a certain way.
///
/// Told while the pack comes in, so that looking for them costs no second pass over the pack.
package struct BlobProbe: Sendable, Equatable {
    /// The most bytes a blob may have.
    package var limit: Int
    /// What it begins with.
    package var prefix: [UInt8]

    /// A probe for blobs of up to `limit` bytes that begin with `prefix`.
    package init(limit: Int, prefix: [UInt8]) {
        self.limit = limit
        self.prefix = prefix
    }

    func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count <= limit && bytes.starts(with: prefix)
    }
}

/// What speaks against a push because of what it brings.
package struct PushObjections: Sendable, Equatable {
    /// Lines for the person who pushes.
    package var messages: [String]
    /// The refs that are refused, and why, in a few words.
    package var refusals: [RefName: String]

    /// Nothing, unless said otherwise.
    package init(messages: [String] = [], refusals: [RefName: String] = [:]) {
        self.messages = messages
        self.refusals = refusals
    }

    /// Adds what somebody else has against the push; the first reason for each ref stays.
    package mutating func add(_ other: PushObjections) {
        messages += other.messages
        refusals.merge(other.refusals) { first, _ in first }
    }
}

extension PushTarget {
    /// No blobs, unless the target has rules about content.
    package var blobProbe: BlobProbe? { nil }

    /// Nothing, unless the target has rules about content.
    package func objections(to content: PushContent) async throws -> PushObjections { PushObjections() }
}

extension ReceivePack {
    /// Lets the rules about content speak, once the objects are known to be whole and before anything is published.
    ///
    /// - Returns: lines for the person who pushes.
    func inspect(_ push: inout Push, _ quarantine: Quarantine, _ snapshot: RefSnapshot) async throws -> [String] {
        guard push.isAnythingLeft else { return [] }
        let updates = push.open.compactMap { index -> RefUpdate? in
            let command = push.request.commands[index]
            guard let name = command.name, command.kind != .delete, command.old != command.new else { return nil }
            return RefUpdate(name: name, old: command.old, new: command.new, isForced: push.forced.contains(index))
        }
        guard !updates.isEmpty else { return [] }
        let content = try PushContent(updates: updates, quarantine: quarantine, snapshot: snapshot)
        let objections = try await target.objections(to: content)
        for index in push.open {
            guard let name = push.request.commands[index].name, let reason = objections.refusals[name] else { continue }
            push.refuse(index, reason)
        }
        return objections.messages
    }
}
