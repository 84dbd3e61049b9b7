import GitCore
import GranaryTesting
import Synchronization
import Testing

/// A repository of many small packs, which stock git can read, too.
struct MaintenanceWorkshop {
    let history: RandomHistory
    let workshop = try? Workshop()
    let commits: [ObjectID]
    var refs: [Ref] = []

    var repository: GitRepository {
        get throws { try #require(workshop).repository }
    }

    /// - Parameter pushes: into how many packs the history is cut.
    init(seed: UInt64, pushes: Int) async throws {
        history = try await RandomHistory(seed: seed, commits: 120)
        // Parents before children, so that each pack stands on those before it.
        commits = try await history.oids(["rev-list", "--all", "--topo-order", "--reverse"])
        refs = try await history.refs()
        var known: [ObjectID] = []
        for number in 1...pushes {
            let tips = Array(commits[..<(commits.count * number / pushes)])
            try await push(number == pushes ? refs.map(\.oid) + tips : tips, known)
            known = tips
        }
        try PackedRefsFile.write(try snapshot(), in: try repository.path)
    }

    func push(_ tips: [ObjectID], _ known: [ObjectID]) async throws {
        let lines = tips.map(\.hex) + known.map { "^" + $0.hex }
        let arguments = ["pack-objects", "--revs", "--stdout", "--thin", "--delta-base-offset", "-q"]
        let pack = try await history.git(arguments, input: Array(lines.joined(separator: "\n").utf8))
        try publish(pack, tips: tips)
    }

    func publish(_ pack: [UInt8], tips: [ObjectID]) throws {
        let workshop = try #require(workshop)
        let quarantine = try workshop.quarantine()
        try workshop.receive(pack, piece: .max, into: quarantine, tips: tips)
        try quarantine.publish()
        quarantine.settle()
    }

    func snapshot(isReachable: Bool = true) throws -> RefSnapshot {
        RefSnapshot(
            refs: refs,
            headTarget: try RefName(validating: "refs/heads/main".utf8),
            generation: 1,
            everyObjectReachable: isReachable
        )
    }

    /// Runs maintenance; stops it after so many pauses.
    func maintain(
        _ options: MaintenanceOptions,
        isReachable: Bool = true,
        now: Int64 = 2_000_000_000_000_000_000,
        stoppingAfter limit: Int = .max,
        beforeReplacing: @escaping () throws -> Void = {}
    ) async throws -> MaintenanceReport {
        let pauses = Mutex(0)
        let step = {
            try pauses.withLock { pauses in
                pauses += 1
                if pauses > limit { throw CancellationError() }
            }
        }
        let maintenance = Maintenance(
            try repository,
            try snapshot(isReachable: isReachable),
            options: options,
            name: "test",
            now: now,
            pause: { try step() },
            exclusively: { body in
                try step()
                try beforeReplacing()
                try body()
            }
        )
        return try await maintenance.run()
    }

    /// What stock git says about the repository; throws when it finds anything wrong.
    func git(_ arguments: [String]) async throws -> [UInt8] {
        var command = Command("git", arguments)
        command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": history.directory.path]
        command.directory = try repository.path
        return try await command.run().required().standardOutput
    }

    /// Everything that some pack holds.
    func stored() throws -> Set<ObjectID> {
        var stored: Set<ObjectID> = []
        for pack in try repository.packs.current().packs {
            for position in 0..<pack.index.count { stored.insert(pack.index.oid(at: position)) }
        }
        return stored
    }
}

extension RandomHistory {
    /// The refs of the repository.
    func refs() async throws -> [Ref] {
        let listed = try await git(["for-each-ref", "--format=%(refname) %(objectname) %(*objectname)"])
        var refs: [Ref] = []
        for line in String(decoding: listed, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let peeled = words.count > 2 ? try await oids(["rev-parse", "\(words[0])^{}"]).first : nil
            let oid = try #require(ObjectID(hex: words[1]))
            refs.append(Ref(name: try RefName(validating: words[0].utf8), oid: oid, peeled: peeled))
        }
        return refs
    }
}
