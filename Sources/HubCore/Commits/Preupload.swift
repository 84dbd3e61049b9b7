package import Access
package import GitCore
import LFS
import ObjectStore

/// What is to become of a file that somebody wants to commit.
package struct UploadAdvice: Sendable, Equatable {
    /// Whether it goes to large file storage.
    package let isLarge: Bool
    /// Whether `.gitignore` leaves it out.
    package let isIgnored: Bool
    /// What is there now: the id of the blob, or the SHA-256 of a large file; nil for nothing and for
    /// what the actor may not read.
    package let oid: String?
}

/// A file that somebody wants to commit.
package struct UploadCandidate: Sendable {
    /// Where.
    package let path: String
    /// Bytes of its content.
    package let size: Int64
    /// The first bytes of its content.
    package let sample: [UInt8]

    /// A file by its path, size and beginning.
    package init(path: String, size: Int64, sample: [UInt8]) {
        self.path = path
        self.size = size
        self.sample = sample
    }

    /// Whether the content looks like no text.
    var isBinary: Bool {
        if sample.contains(0) { return true }
        // A sample may end within a character.
        return !(0...3).contains { String(validating: sample.dropLast($0), as: UTF8.self) != nil }
    }
}

extension Commits {
    /// Files of one request.
    package static let largestPreupload = 1_000
    /// Every larger file goes to large file storage.
    package static let largestRegular: Int64 = 10 << 20
    /// The same for files that are no text.
    package static let largestBinary: Int64 = 1 << 20

    /// Says for files to be committed which of them are large, which are ignored, and what is there now.
    ///
    /// - Parameter ignore: the text of a `.gitignore`; nil for the one at the revision.
    /// - Throws: `HubError.notFound` about the revision; `.invalid` for paths that no commit can have.
    package func advice(
        for candidates: [UploadCandidate],
        ignore: String?,
        at revision: String,
        of address: RepositoryAddress,
        mayPropose: Bool,
        by actor: Actor
    ) async throws -> (commit: ObjectID?, advice: [UploadAdvice]) {
        let (scene, mayRead) = try await files.scene(
            address,
            mayPropose ? .participate : .writeRepository,
            by: actor
        ) { record, records in
            AccessPolicy.decide(actor, .readContent, on: .repository(try records.facts(of: record, for: actor)))
                == .allow
        }
        let paths = try candidates.map { try Self.path($0.path) }
        if scene.refs.refs.isEmpty, (try? branchName(revision, in: scene)) != nil {
            let rules = IgnoreFile(parsing: (ignore ?? "").utf8)
            let advice = zip(candidates, paths).map { candidate, path in
                UploadAdvice(isLarge: Self.isLarge(candidate, [:]), isIgnored: rules.ignores(path), oid: nil)
            }
            return (nil, advice)
        }
        return try await files.browse(scene, revision) { commit, browser in
            var look = UploadLook { name, directory in try browser.smallText(name, in: directory) }
            let rules = IgnoreFile(
                parsing: try ignore.map { Array($0.utf8) } ?? browser.smallText(".gitignore", in: []) ?? []
            )
            let advice = try zip(candidates, paths).map { candidate, path in
                try Task.checkCancellation()
                // Who proposes may be one whom a gate keeps from what is there.
                let entry = mayRead ? try browser.entry(at: path.names) : nil
                return UploadAdvice(
                    isLarge: Self.isLarge(candidate, try look.attributes(of: path)),
                    isIgnored: rules.ignores(path),
                    oid: entry.flatMap { $0.kind == .file ? $0.lfs?.object.oid.hex ?? $0.oid.hex : nil }
                )
            }
            return (commit, advice)
        }
    }

    private static func path(_ text: String) throws -> TreePath {
        do throws(TreePathError) {
            return try TreePath(text)
        } catch {
            throw HubError.invalid("'\(text.prefix(200))' cannot be committed: \(error.message).")
        }
    }

    /// An empty file has nothing to be stored elsewhere.
    static func isLarge(
        _ candidate: UploadCandidate,
        _ attributes: [String: AttributesFile.State]
    ) -> Bool {
        guard candidate.size > 0 else { return false }
        if attributes["filter"] == .value(Array("lfs".utf8)) { return true }
        return candidate.size > largestRegular || candidate.size > largestBinary && candidate.isBinary
    }
}

extension FileBrowser {
    /// Larger files of rules are ignored.
    static let largestRules: Int64 = 1 << 20

    /// The content of a small file; nil when there is none.
    func smallText(_ name: String, in directory: [[UInt8]]) throws -> [UInt8]? {
        guard let entry = try entry(at: directory + [Array(name.utf8)]), entry.kind == .file, entry.lfs == nil,
            entry.size <= Self.largestRules
        else { return nil }
        return try reader.object(entry.oid, as: .blob).bytes
    }
}

/// Looks at the files that say what becomes of others, each directory's once.
struct UploadLook {
    /// The content of a small file by its name and folder; nil when there is none.
    let text: (_ name: String, _ directory: [[UInt8]]) throws -> [UInt8]?
    private var stacks: [[[UInt8]]: AttributeStack] = [:]

    init(text: @escaping (_ name: String, _ directory: [[UInt8]]) throws -> [UInt8]?) {
        self.text = text
    }

    mutating func attributes(of path: TreePath) throws -> [String: AttributesFile.State] {
        let directory = Array(path.names.dropLast())
        let text = Array(path.names.joined(separator: [UInt8(ascii: "/")]))
        let nameStart = text.count - (path.names.last?.count ?? 0)
        return try stack(of: directory).attributes(of: text, nameStart: nameStart, isDirectory: false)
    }

    private mutating func stack(of directory: [[UInt8]]) throws -> AttributeStack {
        if let known = stacks[directory] { return known }
        var stack = directory.isEmpty ? AttributeStack(["filter"]) : try self.stack(of: Array(directory.dropLast()))
        if let bytes = try text(".gitattributes", directory) {
            stack.push(bytes, pathBytes: directory.reduce(0) { $0 + $1.count + 1 })
        }
        stacks[directory] = stack
        return stack
    }
}
