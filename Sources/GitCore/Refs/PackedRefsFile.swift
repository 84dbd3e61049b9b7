/// The copy of the refs that lies beside the packs, in git's own format: stock git can read the directory, and a lost
/// database can be rebuilt from it.
///
/// The database decides.
///
/// - Source: gitrepository-layout(5); the header is that of files that list every peeled tag.
package enum PackedRefsFile {
    /// Rewrites `packed-refs` and `HEAD` of a repository, each in one step.
    package static func write(_ snapshot: RefSnapshot, in repository: String) throws(FileError) {
        try Directories.replaceFile(repository + "/packed-refs", with: content(of: snapshot), durable: false)
        let head = Array("ref: \(snapshot.headTarget)\n".utf8)
        try Directories.replaceFile(repository + "/HEAD", with: head, durable: false)
    }

    /// True when the files in `repository` say the same as `snapshot`.
    package static func agrees(_ snapshot: RefSnapshot, in repository: String) throws(FileError) -> Bool {
        let stored = try Directories.readFile(repository + "/packed-refs", limit: 1 << 30)
        let head = try Directories.readFile(repository + "/HEAD", limit: 4_096)
        guard head == Array("ref: \(snapshot.headTarget)\n".utf8) else { return false }
        return stored == content(of: snapshot) || (stored == nil && snapshot.refs.isEmpty)
    }

    private static func content(of snapshot: RefSnapshot) -> [UInt8] {
        var content = Array("# pack-refs with: peeled fully-peeled sorted \n".utf8)
        content.reserveCapacity(content.count + snapshot.refs.count * 64)
        for ref in snapshot.refs {
            ref.oid.appendHex(to: &content)
            content.append(UInt8(ascii: " "))
            content.append(contentsOf: ref.name.bytes)
            content.append(UInt8(ascii: "\n"))
            guard let peeled = ref.peeled else { continue }
            content.append(UInt8(ascii: "^"))
            peeled.appendHex(to: &content)
            content.append(UInt8(ascii: "\n"))
        }
        return content
    }
}
