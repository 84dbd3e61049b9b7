/// What can be said about the commands of a push from the refs alone.
struct CommandCheck {
    let snapshot: RefSnapshot
    let target: any PushTarget
    let limits: GitLimits
    /// Whether the server itself pushes, which writes refs that clients may not.
    var isServer = false

    /// For each command the reason why it is refused; nil when nothing speaks against it.
    func refusals(of commands: [ReceiveCommand]) -> [String?] {
        var refusals = commands.map(refusal)
        let names = namesAfter(commands, refusals)
        for (index, command) in commands.enumerated() where refusals[index] == nil && command.kind == .create {
            guard let name = command.name else { continue }
            if let other = conflict(of: name, among: names) {
                refusals[index] = "'\(other)' exists; cannot create '\(name)'"
            }
        }
        let created = commands.indices.count { refusals[$0] == nil && commands[$0].kind == .create }
        if snapshot.refs.count + created > limits.refs {
            for (index, command) in commands.enumerated() where command.kind == .create && refusals[index] == nil {
                refusals[index] = "the repository may have at most \(limits.refs) refs"
            }
        }
        return refusals
    }

    private func refusal(of command: ReceiveCommand) -> String? {
        guard let name = command.name else { return "funny refname" }
        guard name.isWritableByClients || isServer && !name.isHidden else { return "this ref is managed by the server" }
        if command.kind == .delete {
            if name == snapshot.headTarget { return "deletion of the current branch prohibited" }
            // Deleting what is not there is no error for git, and changes nothing.
            guard let ref = snapshot.ref(named: name) else { return nil }
            return ref.oid == command.old ? target.refusal(of: command, name: name) : "fetch first"
        }
        let current = snapshot.ref(named: name)?.oid ?? .zero
        guard current == command.old else { return command.old == .zero ? "already exists" : "fetch first" }
        return target.refusal(of: command, name: name)
    }

    /// The names that exist once all accepted deletes and creates are done, sorted.
    private func namesAfter(_ commands: [ReceiveCommand], _ refusals: [String?]) -> [RefName] {
        var deleted: Set<RefName> = []
        var created: [RefName] = []
        for (command, refusal) in zip(commands, refusals) where refusal == nil {
            guard let name = command.name else { continue }
            switch command.kind {
            case .delete: deleted.insert(name)
            case .create: created.append(name)
            case .update: break
            }
        }
        guard !created.isEmpty else { return [] }
        return (snapshot.refs.map(\.name).filter { !deleted.contains($0) } + created).sorted()
    }

    /// A ref that stands where `name` needs a folder, or below `name`.
    private func conflict(of name: RefName, among names: [RefName]) -> RefName? {
        let folder = name.bytes + [UInt8(ascii: "/")]
        if let below = first(notBefore: folder, in: names), below.bytes.starts(with: folder) { return below }
        for (index, byte) in name.bytes.enumerated() where byte == UInt8(ascii: "/") {
            let prefix = Array(name.bytes[..<index])
            if let above = first(notBefore: prefix, in: names), above.bytes == prefix { return above }
        }
        return nil
    }

    private func first(notBefore bytes: [UInt8], in names: [RefName]) -> RefName? {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle].bytes.lexicographicallyPrecedes(bytes) { low = middle + 1 } else { high = middle }
        }
        return low < names.count ? names[low] : nil
    }
}
