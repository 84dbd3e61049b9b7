import GranaryTesting
import Metadata
import MetadataPostgres
import Synchronization
import Testing

@Suite(.serialized, .enabled(if: PostgresDatabase.server != nil)) struct PostgresDriverTests {
    @Test func readsBlobsAndFlags() async throws {
        try await withDriver { driver, _ in
            let row = try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (b BYTEA, s TEXT)", [])
                try connection.run("INSERT INTO t (b, s) VALUES ($1, $2)", [.blob([0, 1, 0xff]), .text("")])
                try connection.run("INSERT INTO t (b) VALUES ($1)", [.blob([])])
                return try connection.first("SELECT b, s, b IS NULL AS f FROM t ORDER BY b DESC LIMIT 1", [])
            }
            #expect(try row?.blob("b") == [0, 1, 0xff])
            #expect(try row?.text("s") == "")
            #expect(try row?.flag("f") == false)
        }
    }

    @Test func takesAValueWhereNullWasBefore() async throws {
        try await withDriver { driver, _ in
            let sql = "INSERT INTO t (i, s) VALUES ($1, $2)"
            let values: [[SQLValue]] = [[.null, .null], [.integer(.max), .null], [.null, .text("x")]]
            let rows = try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (n BIGINT GENERATED ALWAYS AS IDENTITY, i BIGINT, s TEXT)", [])
                for _ in 0..<2 { for pair in values { try connection.run(sql, pair) } }
                return try connection.query("SELECT i, s FROM t ORDER BY n", [])
            }
            #expect(try rows.map { [try $0.value("i"), try $0.value("s")] } == values + values)
        }
    }

    @Test func refusesWhatSQLiteRefuses() async throws {
        try await withDriver { driver, _ in
            await #expect(throws: MetadataError.failed("a text parameter holds a NUL")) {
                try await driver.read { try $0.query("SELECT 1 AS one WHERE '' = $1", [.text("a\0b")]) }
            }
        }
    }

    @Test func doesNotWriteInReads() async throws {
        try await withDriver { driver, _ in
            await #expect(throws: MetadataError.self) {
                try await driver.read { _ = try $0.run("CREATE TABLE t (a BIGINT)", []) }
            }
        }
    }

    @Test func preparesAnewWhenTheSchemaHasChanged() async throws {
        try await withDriver { driver, database in
            try await driver.transaction { _ = try $0.run("CREATE TABLE t (a BIGINT)", []) }
            try await driver.transaction { _ = try $0.run("INSERT INTO t (a) VALUES (1)", []) }
            _ = try await driver.read { try $0.query("SELECT * FROM t", []) }
            try database.run("ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'new'")
            #expect(try await driver.read { try $0.first("SELECT * FROM t", []) }?.text("b") == "new")
        }
    }

    @Test func givesUpWaitingForAnotherNode() async throws {
        try await PostgresDatabase.lend { database in
            let first = try await database.open()
            var settings = try database.settings()
            settings.lockSeconds = 1
            let second = try await PostgresDriver.open(settings)
            try await first.transaction { _ = try $0.run("CREATE TABLE t (a BIGINT)", []) }
            let (isHeld, isReleased) = (Gate(), Gate())
            async let holding: Void = first.transaction { connection in
                try connection.run("INSERT INTO t (a) VALUES (1)", [])
                isHeld.open()
                isReleased.wait()
            }
            await isHeld.opened()
            await #expect(throws: MetadataError.busy) {
                try await second.transaction { _ = try $0.run("INSERT INTO t (a) VALUES (2)", []) }
            }
            isReleased.open()
            try await holding
            #expect(try await second.read { try $0.query("SELECT a FROM t", []).count } == 1)
            try await second.close()
            try await first.close()
        }
    }

    @Test func endsStatementsThatTakeTooLong() async throws {
        try await PostgresDatabase.lend { database in
            var settings = try database.settings()
            settings.statementSeconds = 1
            let driver = try await PostgresDriver.open(settings)
            await #expect(throws: MetadataError.unavailable("a statement took longer than its time-out")) {
                try await driver.read { try $0.query("SELECT 1 AS one FROM pg_sleep(30)", []) }
            }
            #expect(try await driver.read { try $0.query("SELECT 1 AS one", []).count } == 1)
            try await driver.close()
        }
    }

    @Test func refusesMoreThanMayWait() async throws {
        try await PostgresDatabase.lend { database in
            var settings = try database.settings()
            settings.readers = 1
            settings.mostWaiting = 0
            let driver = try await PostgresDriver.open(settings)
            let (isHeld, isReleased) = (Gate(), Gate())
            async let holding: Void = driver.read { _ in
                isHeld.open()
                isReleased.wait()
            }
            await isHeld.opened()
            await #expect(throws: MetadataError.busy) { try await driver.read { try $0.query("SELECT 1 AS a", []) } }
            isReleased.open()
            try await holding
            #expect(try await driver.read { try $0.query("SELECT 1 AS one", []).count } == 1)
            try await driver.close()
        }
    }

    @Test func letsWhoeverIsCancelledGo() async throws {
        try await PostgresDatabase.lend { database in
            var settings = try database.settings()
            settings.readers = 1
            let driver = try await PostgresDriver.open(settings)
            let (isHeld, isReleased) = (Gate(), Gate())
            async let holding: Void = driver.read { _ in
                isHeld.open()
                isReleased.wait()
            }
            await isHeld.opened()
            let waiting = Task { try await driver.read { try $0.query("SELECT 1 AS a", []).count } }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            isReleased.open()
            try await holding
            try await driver.close()
        }
    }

    @Test func findsPartsOfNamesByAnIndex() async throws {
        try await withDriver { driver, _ in
            try await MetadataStore(driver: driver).migrate()
            let term = "SELECT repository_id FROM repository_names WHERE folded_id LIKE $1"
            let plan = try await driver.transaction { connection in
                try connection.run("SET LOCAL enable_seqscan = off", [])
                return try connection.query("EXPLAIN \(term)", [.text("%abc%")]).map { try $0.text(at: 0) }
            }
            #expect(plan.contains { $0.contains("repository_names_parts") }, "\(plan)")
        }
    }

    private func withDriver(_ body: (PostgresDriver, PostgresDatabase) async throws -> Void) async throws {
        try await PostgresDatabase.lend { database in
            let driver = try await database.open()
            try await body(driver, database)
            try await driver.close()
        }
    }
}
