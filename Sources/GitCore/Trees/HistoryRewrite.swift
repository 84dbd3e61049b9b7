/// Makes histories anew without some blobs: commits, trees and annotated tags that lead to them, and all that follows.
///
/// Everything else keeps its id, so what the blobs were never part of is untouched. Signatures of commits that change are
/// left out, as they no longer fit. Memory: about 100 bytes for each commit and each tree. Belongs to one thread at a time.
package final class HistoryRewrite {
    private let reader: ObjectReader
    private let blobs: Set<ObjectID>
    private let objects: PackDraft
    private let limits: GitLimits
    /// What became of trees; nil for those in which nothing is left.
    private var trees: [ObjectID: ObjectID?] = [:]
    private var commits: [ObjectID: ObjectID] = [:]

    /// - Parameters:
    ///   - blobs: what is left out.
    ///   - objects: takes what is new.
    package init(without blobs: Set<ObjectID>, _ reader: ObjectReader, into objects: PackDraft, _ limits: GitLimits) {
        self.blobs = blobs
        self.reader = reader
        self.objects = objects
        self.limits = limits
    }

    /// What a ref's object becomes; itself when it leads to none of the blobs.
    ///
    /// - Throws: `PackError` when something is missing; `CancellationError`.
    package func rewrite(_ oid: ObjectID) throws -> ObjectID {
        guard let header = try reader.header(of: oid) else { throw PackError.missing(oid) }
        switch header.type {
        case .commit: return try rewriteCommits(from: oid)
        case .tree: return try rewriteTree(oid, depth: 0) ?? objects.add(.tree, [])
        case .tag: return try rewriteTag(oid, depth: 0)
        case .blob: return oid
        }
    }

    // MARK: - Commits

    /// Parents before children, without recursion: histories are long.
    private func rewriteCommits(from tip: ObjectID) throws -> ObjectID {
        var stack = [tip]
        while let next = stack.last {
            guard commits[next] == nil else {
                stack.removeLast()
                continue
            }
            try Task.checkCancellation()
            let object = try reader.object(next, as: .commit)
            let header = try object.bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }
            let waiting = header.parents.filter { commits[$0] == nil }
            guard waiting.isEmpty else {
                stack += waiting
                continue
            }
            stack.removeLast()
            commits[next] = try rewriteCommit(next, object.bytes, header)
        }
        return commits[tip] ?? tip
    }

    private func rewriteCommit(_ oid: ObjectID, _ bytes: [UInt8], _ header: CommitHeader) throws -> ObjectID {
        let tree = try rewriteTree(header.tree, depth: 0) ?? objects.add(.tree, [])
        let parents = header.parents.map { commits[$0] ?? $0 }
        guard tree != header.tree || parents != header.parents else { return oid }
        var text = Array("tree \(tree)\n".utf8)
        for parent in parents { text += "parent \(parent)\n".utf8 }
        return try objects.add(
            .commit,
            text + Self.unsigned(bytes, dropping: ["tree", "parent", "gpgsig", "mergetag"])
        )
    }

    /// The header lines but for some, with their continuations, and all that follows the header.
    private static func unsigned(_ bytes: [UInt8], dropping keys: Set<String>) -> [UInt8] {
        var kept: [UInt8] = []
        var (position, isDropped) = (0, false)
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            let line = bytes[position..<end]
            if line.first != UInt8(ascii: " ") {
                let key = String(decoding: line.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
                isDropped = keys.contains(key) || key.hasPrefix("gpgsig")
            }
            if !isDropped { kept += line }
            position = end
        }
        return kept + bytes[position...]
    }

    // MARK: - Trees and tags

    private func rewriteTree(_ oid: ObjectID, depth: Int) throws -> ObjectID? {
        if let known = trees[oid] { return known }
        guard depth <= limits.treeDepth else { throw RewriteError.tooDeep }
        let tree = try reader.object(oid, as: .tree).bytes
        var content: [UInt8] = []
        try tree.withUnsafeBytes { bytes in
            var entries = TreeIterator(bytes)
            while let entry = try entries.next() {
                let isTree = entry.kind == .tree
                guard !blobs.contains(entry.oid) else { continue }
                guard let new = isTree ? try rewriteTree(entry.oid, depth: depth + 1) : entry.oid else { continue }
                content += String(entry.mode, radix: 8).utf8
                content.append(UInt8(ascii: " "))
                content += entry.name
                content.append(0)
                new.append(to: &content)
            }
        }
        let isKept = content == tree || tree.isEmpty
        let new: ObjectID? = isKept ? oid : content.isEmpty ? nil : try objects.add(.tree, content)
        trees.updateValue(new, forKey: oid)
        return new
    }

    private func rewriteTag(_ oid: ObjectID, depth: Int) throws -> ObjectID {
        guard depth <= Self.tagDepth else { throw RewriteError.tooDeep }
        let tag = try reader.object(oid, as: .tag).bytes
        let header = try tag.withUnsafeBytes { try TagHeader(parsing: $0) }
        let target =
            header.targetType == .tag
            ? try rewriteTag(header.target, depth: depth + 1) : try rewrite(header.target)
        guard target != header.target else { return oid }
        return try objects.add(.tag, Array("object \(target)\n".utf8) + Self.unsigned(tag, dropping: ["object"]))
    }

    private static let tagDepth = 16
}

/// Why a history cannot be made anew.
package enum RewriteError: Error, Equatable, Sendable {
    case tooDeep
}
