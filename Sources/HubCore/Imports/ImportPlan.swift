import GitCore

/// What an import is going to do.
package struct ImportPlan: Sendable {
    /// A file that goes in.
    struct File: Sendable {
        /// In the repository, and below the directory that is imported.
        let path: String
        /// Below the opened directory.
        let source: String
        let size: Int64
    }

    /// Files that go into large file storage.
    var large: [File] = []
    /// Files that go into git.
    var regular: [File] = []
    /// What does not go in.
    package internal(set) var problems: [ImportProblem] = []

    /// How many files go into large file storage, and into git.
    package var counts: (large: Int, regular: Int) { (large.count, regular.count) }
    /// Bytes of both.
    package var bytes: (large: Int64, regular: Int64) {
        (large.reduce(0) { $0 + $1.size }, regular.reduce(0) { $0 + $1.size })
    }
}

extension ImportPlan {
    /// Bytes by which text is told from other things, as clients send them.
    private static let sample = 512

    /// Looks at all files below `top`, by the rule of every upload: attributes, size, and whether it is text.
    ///
    /// - Parameter rules: the content of `.gitattributes` files that the directory itself does not have.
    init(
        of tree: SourceTree,
        under top: String,
        rules: @escaping (_ name: String, _ directory: [[UInt8]]) throws -> [UInt8]?
    ) throws {
        let (paths, problems) = try tree.walk(top)
        self.problems = problems
        var look = UploadLook { name, directory in
            let folder = String(decoding: Array(directory.joined(separator: [0x2F])), as: UTF8.self)
            let path = SourceTree.join(SourceTree.join(top, folder), name)
            guard let file = try? tree.file(path) else { return try rules(name, directory) }
            return file.size <= FileBrowser.largestRules ? try file.contents() : nil
        }
        for path in paths {
            try Task.checkCancellation()
            do {
                let name = try TreePath(path)
                let file = try tree.file(SourceTree.join(top, path))
                let candidate = UploadCandidate(
                    path: path,
                    size: file.size,
                    sample: try file.bytes(at: 0, atMost: Self.sample)
                )
                let planned = File(path: path, source: file.path, size: file.size)
                let isMarked = Self.isLargeInCache(tree.target(of: file.path)) && file.size > 0
                let attributes = try look.attributes(of: name)
                if isMarked || Commits.isLarge(candidate, attributes) {
                    large.append(planned)
                } else {
                    regular.append(planned)
                }
            } catch let error as TreePathError {
                self.problems.append(ImportProblem(path: path, reason: error.message))
            } catch let error as HubError {
                self.problems.append(ImportProblem(path: path, reason: error.message))
            }
        }
    }

    /// Whether Hugging Face's cache says that a file was a large one: those are named by their SHA-256 there, others by the
    /// SHA-1 of git.
    private static func isLargeInCache(_ target: String?) -> Bool {
        guard let target, target.contains("/blobs/"), let name = target.split(separator: "/").last else { return false }
        return name.utf8.count == 64 && name.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }
}
