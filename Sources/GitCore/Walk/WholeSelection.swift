/// Everything that is stored: what a clone of all refs gets where everything is reachable from them.
///
/// Looks at no commit and no tree.
package final class WholeSelection: ObjectSelecting {
    private let request: ObjectSelection.Request
    private let reader: ObjectReader
    private var plan: PackPlan

    /// - Parameters:
    ///   - request: names everything that the refs point to, and no history that the client has.
    ///   - reader: of packs in which everything is reachable from refs.
    package init(_ request: ObjectSelection.Request, reader: ObjectReader) {
        self.request = request
        self.reader = reader
        plan = PackPlan(reader.packs)
    }

    /// Whether a request can be answered this way when everything that is stored is reachable from `refs`.
    package static func answers(_ request: ObjectSelection.Request, _ refs: [Ref], takesTags: Bool) -> Bool {
        guard request.haves.isEmpty, request.clientShallows.isEmpty, request.shallow == nil,
            FilterRule(request.filter).isByType
        else { return false }
        let wants = Set(request.wants)
        return refs.allSatisfy { ref in
            wants.contains(ref.oid) || (takesTags && ref.peeled.map { wants.contains($0) } ?? false)
        }
    }

    package var count: Int { plan.count }

    package func advance(_ count: Int) throws -> Bool {
        plan = try PackPlan(all: reader.packs)
        let rule = FilterRule(request.filter)
        try rule.apply(to: &plan, reader)
        try plan.insertWanted(request.wants, CommitTable(reader)) { _ in true }
        return false
    }

    package func contents() throws -> PackContents { PackContents(plan: plan, reader: reader) }
}

extension PackPlan {
    /// Takes what clients want by name, which no filter leaves out: with each tag what it points to, blobs excepted.
    ///
    /// - Parameter mayInsert: is asked about each object.
    mutating func insertWanted(
        _ wants: [ObjectID],
        _ table: CommitTable,
        where mayInsert: (ObjectID) throws -> Bool
    ) throws {
        for want in wants {
            var wanted = [want]
            if let (target, type) = try table.peel(want, visit: { wanted.append($0) }), type != .blob {
                wanted.append(target)
            }
            for oid in wanted where try mayInsert(oid) { try insert(oid) }
        }
    }
}

extension FilterRule {
    /// Whether type and size decide about every object, wherever it lies in a tree.
    var isByType: Bool { !dependsOnDepth || omitsAllTrees }

    /// Takes what the filter leaves out out of a plan.
    ///
    /// - Throws: errors of damaged packs; cancellation.
    func apply(to plan: inout PackPlan, _ reader: ObjectReader) throws {
        guard !isEmpty else { return }
        for (number, pack) in plan.packs.packs.enumerated() where !plan.sets[number].isEmpty {
            let types = try pack.types()
            for type in ObjectType.allCases where !includes(type) { plan.subtract(types[type], of: number) }
            if !includesTree(depth: 0) { plan.subtract(types[.tree], of: number) }
            if !includesBlob(depth: 0, size: { 0 }) {
                plan.subtract(types[.blob], of: number)
            } else if hasBlobLimit {
                plan.subtract(try largeBlobs(of: pack, number, in: plan.sets[number], types, reader), of: number)
            }
        }
    }

    private func largeBlobs(
        of pack: Pack,
        _ number: Int,
        in set: Bitset,
        _ types: PackTypes,
        _ reader: ObjectReader
    ) throws -> Bitset {
        var large = Bitset(bound: set.bound)
        var blobs = set
        blobs.formIntersection(types[.blob])
        var looked = 0
        try blobs.forEach { rank in
            looked += 1
            if looked.isMultiple(of: 1_024) { try Task.checkCancellation() }
            let location = ObjectLocation(pack: number, offset: pack.order.offset(ofRank: rank))
            if try !includesBlob(depth: 0, size: { try reader.header(at: location).size }) { large.insert(rank) }
        }
        return large
    }
}
