/// Selects the objects of a fetch by bitmaps: everything that the wants lead to without everything that the haves do.
///
/// For whole histories and filters that look at types and sizes only.
final class BitmapSelection: ObjectSelecting {
    private enum Phase {
        case haves, wants, filter, done
    }

    private let request: ObjectSelection.Request
    private let reader: ObjectReader
    private let bitmapped: (number: Int, pack: Pack, bitmap: PackBitmap)
    private let had: ReachabilityWalk
    private var wanted: ReachabilityWalk?
    private var phase = Phase.haves
    private var plan: PackPlan

    private init(
        _ request: ObjectSelection.Request,
        _ reader: ObjectReader,
        _ bitmapped: (number: Int, pack: Pack, bitmap: PackBitmap)
    ) throws {
        self.request = request
        self.reader = reader
        self.bitmapped = bitmapped
        had = ReachabilityWalk(bitmapped, reader, known: nil)
        plan = PackPlan(reader.packs)
        for oid in request.haves { try had.add(oid) }
    }

    /// Selects for a request; nil when it is not of this kind, or there are no bitmaps.
    static func make(_ request: ObjectSelection.Request, reader: ObjectReader) throws -> BitmapSelection? {
        guard request.clientShallows.isEmpty, request.shallow == nil, FilterRule(request.filter).isByType,
            let bitmapped = reader.packs.bitmapped()
        else { return nil }
        return try BitmapSelection(request, reader, bitmapped)
    }

    var count: Int { phase == .done ? plan.count : wanted?.count ?? 0 }

    func advance(_ count: Int) throws -> Bool {
        for _ in 0..<count {
            switch phase {
            case .haves where try had.step(): continue
            case .haves:
                let walk = ReachabilityWalk(bitmapped, reader, known: had)
                for oid in request.wants { try walk.add(oid) }
                wanted = walk
                phase = .wants
            case .wants where try wanted?.step() == true: continue
            case .wants: phase = .filter
            case .filter:
                try finish()
                phase = .done
            case .done: return false
            }
        }
        return true
    }

    private func finish() throws {
        guard let wanted else { return }
        var set = wanted.set
        set.subtract(had.set)
        plan.take(set, of: bitmapped.number)
        for oid in wanted.others.keys where had.others[oid] == nil { try plan.insert(oid) }
        try FilterRule(request.filter).apply(to: &plan, reader)
        let table = CommitTable(reader)
        try plan.insertWanted(request.wants, table) { try !had.contains($0) || isFile($0) }
        for (tag, target) in request.tags where plan.contains(target) {
            var chain: [ObjectID] = []
            _ = try table.peel(tag) { chain.append($0) }
            for oid in chain { try plan.insert(oid) }
        }
    }

    /// Trees and blobs that are wanted by name are sent in any case: partial clones lack some of what they are said to have.
    private func isFile(_ oid: ObjectID) throws -> Bool {
        switch try reader.header(of: oid)?.type {
        case .tree, .blob: true
        case .commit, .tag, nil: false
        }
    }

    private func isSelected(_ oid: ObjectID, by wanted: ReachabilityWalk) -> Bool {
        wanted.contains(oid) && !had.contains(oid)
    }

    func contents() throws -> PackContents {
        PackContents(plan: plan, reader: reader) { [had] in had.contains($0) }
    }
}
