/// A ref as a person writes it: `main`, `v1.0`, `heads/main` or `refs/heads/main`.
package struct RefSpelling: Sendable, Hashable {
    /// The spelling; 1 through 1 024 bytes.
    package let bytes: [UInt8]

    /// Takes the text of an argument; nil when it is empty or longer than a ref name.
    package init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= RefName.maximumBytes else { return nil }
        self.bytes = Array(bytes)
    }

    /// The full names it may mean, in the order in which git tries them; spellings that make no valid name are left out.
    ///
    /// - Source: gitrevisions(7) "<refname>".
    package var candidates: [RefName] {
        ["", "refs/", "refs/tags/", "refs/heads/"].compactMap { namespace in
            try? RefName(validating: Array(namespace.utf8) + bytes)
        }
    }
}

extension RefSnapshot {
    /// The one ref that `spelling` means; nil when there is none or more than one.
    package func resolve(_ spelling: RefSpelling) -> Ref? {
        if spelling.bytes.elementsEqual("HEAD".utf8) { return head }
        let found = spelling.candidates.compactMap { ref(named: $0) }
        return found.count == 1 ? found.first : nil
    }
}
