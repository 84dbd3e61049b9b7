import Foundation
import GranaryTesting
import Logging
import Metadata
import MetadataPostgres
import Synchronization
import Testing

/// What becomes of work when the server goes or connections are cut.
@Suite(.serialized, .enabled(if: PostgresDatabase.server != nil)) struct PostgresFailureTests {
    private static let cut = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """

    @Test func goesOnWhenConnectionsWereCut() async throws {
        try await PostgresDatabase.lend { database in
            let driver = try await database.open()
            try await driver.transaction { _ = try $0.run("CREATE TABLE t (a BIGINT)", []) }
            for round in 1...3 {
                try database.run(Self.cut)
                try await driver.transaction { _ = try $0.run("INSERT INTO t (a) VALUES (1)", []) }
                try database.run(Self.cut)
                #expect(try await driver.read { try $0.query("SELECT a FROM t", []).count } == round)
            }
            try await driver.close()
        }
    }

    @Test func runsATransactionAgainThatWasCutBeforeItsEnd() async throws {
        try await PostgresDatabase.lend { database in
            let driver = try await database.open()
            try await driver.transaction { _ = try $0.run("CREATE TABLE t (a BIGINT)", []) }
            let runs = Atomic(0)
            try await driver.transaction { connection in
                try connection.run("INSERT INTO t (a) VALUES (1)", [])
                if runs.add(1, ordering: .relaxed).newValue == 1 { try database.run(Self.cut) }
                try connection.run("INSERT INTO t (a) VALUES (2)", [])
            }
            #expect(runs.load(ordering: .relaxed) == 2)
            #expect(try await driver.read { try $0.query("SELECT a FROM t", []).count } == 2)
            try await driver.close()
        }
    }

    @Test func losesNothingThatItAcknowledgedWhileConnectionsAreCut() async throws {
        try await PostgresDatabase.lend { database in
            let drivers = [try await database.open(), try await database.open()]
            let load = Load()
            try await load.prepare(drivers[0])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<6 { group.addTask { await load.run(drivers[task % 2], task: task) } }
                for _ in 0..<25 {
                    try await Task.sleep(for: .milliseconds(100))
                    try database.run(Self.cut)
                }
                load.end()
                try await group.waitForAll()
            }
            try await load.check(drivers[1])
            for driver in drivers { try await driver.close() }
        }
    }

    @Test(arguments: [true, false])
    func losesNothingThatItAcknowledgedWhileTheServerStops(_ crashes: Bool) async throws {
        try await PostgresServer.lend { server in
            let parameters = try ConnectionParameters(reading: server.url + "postgres")
            let driver = try await PostgresDriver.open(PostgresSettings(parameters: parameters, logger: .quiet))
            let load = Load()
            try await load.prepare(driver)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<6 { group.addTask { await load.run(driver, task: task) } }
                for _ in 0..<3 {
                    try await Task.sleep(for: .milliseconds(300))
                    if crashes { try server.kill() } else { try server.stop() }
                    try await Task.sleep(for: .milliseconds(300))
                    try server.start()
                }
                load.end()
                try await group.waitForAll()
            }
            try await load.check(driver)
            try await driver.close()
        }
    }

    @Test func saysThatTheServerIsAwayAndFindsItAgain() async throws {
        try await PostgresServer.lend { server in
            var settings = PostgresSettings(
                parameters: try ConnectionParameters(reading: server.url + "postgres"),
                logger: .quiet
            )
            settings.reconnectSeconds = 0.2
            let driver = try await PostgresDriver.open(settings)
            #expect(driver.version != nil)
            try server.stop()
            for _ in 0..<2 {
                let error = await #expect(throws: MetadataError.self) {
                    try await driver.read { try $0.query("SELECT 1 AS one", []) }
                }
                guard case .unavailable = error else { Issue.record("\(String(describing: error))"); return }
            }
            while driver.version != nil { try await Task.sleep(for: .milliseconds(20)) }
            try server.start()
            #expect(try await driver.read { try $0.query("SELECT 1 AS one", []).count } == 1)
            while driver.version == nil { try await Task.sleep(for: .milliseconds(20)) }
            try await driver.close()
        }
    }

    @Test func refusesADatabaseThatComparesTextsInAnotherWay() async throws {
        try await PostgresServer.lend { server in
            let database = PostgresDatabase(url: server.url + "other")
            try PostgresDatabase(url: server.url + "postgres").run(
                "CREATE DATABASE other TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
            )
            let error = await #expect(throws: MetadataError.self) { try await database.open() }
            #expect("\(String(describing: error))".contains("CREATE DATABASE granary"))
        }
    }
}

/// Writers that note what was acknowledged to them.
private final class Load: Sendable {
    private let acknowledged = Mutex<Set<Int64>>([])
    private let failures = Mutex<[MetadataError]>([])
    private let isOver = Atomic(false)

    func end() { isOver.store(true, ordering: .relaxed) }

    func prepare(_ driver: PostgresDriver) async throws {
        try await driver.transaction { connection in
            try connection.run("CREATE TABLE load (n BIGINT NOT NULL PRIMARY KEY)", [])
            try connection.run("CREATE TABLE total (n BIGINT NOT NULL)", [])
            try connection.run("INSERT INTO total (n) VALUES (0)", [])
        }
    }

    func run(_ driver: PostgresDriver, task: Int) async {
        var number = Int64(task) << 32
        while !isOver.load(ordering: .relaxed) {
            number += 1
            let row = number
            do {
                try await driver.transaction { connection in
                    let total = try connection.first("SELECT n FROM total", [])?.integer("n") ?? 0
                    try connection.run("INSERT INTO load (n) VALUES ($1)", [.integer(row)])
                    try connection.run("UPDATE total SET n = $1", [.integer(total + 1)])
                }
                _ = acknowledged.withLock { $0.insert(row) }
            } catch {
                failures.withLock { $0.append(error as? MetadataError ?? .failed("\(error)")) }
            }
        }
    }

    func check(_ driver: PostgresDriver) async throws {
        let (rows, total) = try await driver.read { connection in
            (
                try connection.query("SELECT n FROM load", []).map { try $0.integer("n") },
                try connection.first("SELECT n FROM total", [])?.integer("n")
            )
        }
        let (known, failed) = (acknowledged.withLock { $0 }, failures.withLock { $0 })
        #expect(known.subtracting(rows).isEmpty, "what was acknowledged is there")
        #expect(Set(rows).subtracting(known).count <= failed.count, "what is there was acknowledged, or nobody knew")
        #expect(total == Int64(rows.count), "transactions followed one another")
        #expect(!known.isEmpty)
        for error in failed {
            guard case .unavailable = error else { Issue.record("an unclean error: \(error)"); return }
        }
        print("\(known.count) acknowledged, \(failed.count) failed, \(rows.count) there")
    }
}
