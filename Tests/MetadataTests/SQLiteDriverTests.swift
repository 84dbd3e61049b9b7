import Dispatch
import Foundation
import GranaryTesting
import Metadata
import MetadataSQLite
import Synchronization
import Testing

@Suite struct SQLiteDriverTests {
    @Test(arguments: [
        ("synchronous", SQLValue.integer(2)), ("foreign_keys", .integer(1)), ("journal_mode", .text("wal")),
        ("busy_timeout", .integer(10_000)),
    ])
    func setsThePragmaForReadersAndTheWriter(_ pragma: String, _ expected: SQLValue) async throws {
        try await withDatabaseFile { path in
            let driver = try SQLiteDriver(path: path)
            let column = pragma == "busy_timeout" ? "timeout" : pragma
            let written = try await driver.transaction { try $0.first("PRAGMA \(pragma)", [])?.value(column) }
            let read = try await driver.read { try $0.first("PRAGMA \(pragma)", [])?.value(column) }
            #expect(written == expected)
            #expect(read == expected)
            try await driver.close()
        }
    }

    @Test func keepsAllFilesForTheirOwner() async throws {
        try await withDatabaseFile { path in
            let driver = try SQLiteDriver(path: path)
            try await MetadataStore(driver: driver).migrate()
            for suffix in ["", "-wal", "-shm"] { #expect(mode(of: path + suffix) == 0o600, "\(suffix)") }
            try await driver.close()
        }
    }

    @Test func takesTheRightsOfOthersAway() async throws {
        try await withDatabaseFile { path in
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o644])
            let driver = try SQLiteDriver(path: path)
            for suffix in ["", "-wal", "-shm"] { #expect(mode(of: path + suffix) == 0o600, "\(suffix)") }
            try await driver.close()
        }
    }

    @Test func keepsTheLocksOfADriverOnTheSameFile() async throws {
        try await withDatabaseFile { path in
            let first = try SQLiteDriver(path: path)
            try await MetadataStore(driver: first).migrate()
            for _ in 0..<3 { try await SQLiteDriver(path: path).close() }
            let users = try await MetadataStore(driver: first).read { try $0.users() }
            #expect(users == [])
            #expect(mode(of: path + "-wal") != nil, "the log stays while a driver is open")
            try await first.close()
        }
    }

    @Test func refusesAFileThatIsNoDatabase() async throws {
        try await withDatabaseFile { path in
            try Data(repeating: 0x67, count: 8192).write(to: URL(fileURLWithPath: path))
            #expect(throws: MetadataError.self) { try SQLiteDriver(path: path) }
        }
    }

    @Test func saysWhenTheDirectoryIsMissing() {
        let path = "/nonexistent-directory/granary.sqlite"
        #expect(throws: MetadataError.unavailable("\(path): No such file or directory")) {
            try SQLiteDriver(path: path)
        }
    }

    @Test func givesUpWaitingForAnotherWriter() async throws {
        try await withDatabaseFile { path in
            let first = try SQLiteDriver(path: path)
            let second = try SQLiteDriver(path: path, busyTimeout: 0.05)
            try await first.transaction { _ = try $0.run("CREATE TABLE t (a BIGINT)", []) }
            try await first.transaction { connection in
                try connection.run("INSERT INTO t (a) VALUES (1)", [])
                let refusal = Outcome()
                Task { await refusal.set(of: second) }
                refusal.wait()
                #expect(refusal.error == .busy)
            }
            #expect(try await second.read { try $0.query("SELECT a FROM t", []).count } == 1)
            try await second.close()
            try await first.close()
        }
    }

    @Test func saysWhenThereIsNoRoomAndGoesOn() async throws {
        try await withDatabaseFile { path in
            let driver = try SQLiteDriver(path: path)
            try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (b BLOB)", [])
                _ = try connection.query("PRAGMA max_page_count = 20", [])
            }
            let error = await #expect(throws: MetadataError.self) {
                try await driver.transaction { connection in
                    try connection.run("INSERT INTO t (b) VALUES ($1)", [.blob([1])])
                    try connection.run("INSERT INTO t (b) VALUES ($1)", [.blob([UInt8](repeating: 1, count: 1 << 20))])
                }
            }
            guard case .unavailable = error else { Issue.record("\(String(describing: error))"); return }
            #expect(try await driver.read { try $0.query("SELECT b FROM t", []).count } == 0)
            try await driver.transaction { _ = try $0.run("INSERT INTO t (b) VALUES ($1)", [.blob([1])]) }
            #expect(try await driver.read { try $0.query("SELECT b FROM t", []).count } == 1)
            try await driver.close()
        }
    }

    @Test func readsBlobs() async throws {
        try await withDatabaseFile { path in
            let driver = try SQLiteDriver(path: path)
            let bytes: [UInt8] = [0, 1, 0xff, 0x67]
            let back = try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (b BLOB)", [])
                try connection.run("INSERT INTO t (b) VALUES ($1)", [.blob(bytes)])
                return try connection.first("SELECT b FROM t", [])?.blob("b")
            }
            #expect(back == bytes)
            try await driver.close()
        }
    }

    @Test func findsEveryRecordByAnIndex() async throws {
        let lookups = [
            "SELECT * FROM namespaces WHERE folded_name = $1", "SELECT * FROM access_tokens WHERE hash = $1",
            "SELECT * FROM access_tokens WHERE user_id = $1", "SELECT * FROM ssh_keys WHERE fingerprint = $1",
            "SELECT * FROM ssh_keys WHERE user_id = $1", "SELECT * FROM ssh_keys WHERE repository_id = $1",
            "SELECT * FROM ssh_keys WHERE organization_id = $1", "SELECT * FROM ssh_keys WHERE id = $1",
            "SELECT * FROM memberships WHERE user_id = $1",
            "SELECT * FROM memberships WHERE organization_id = $1",
            "SELECT * FROM refs WHERE repository_id = $1 ORDER BY name",
            "SELECT * FROM repositories WHERE namespace_id = $1 AND type = 'model' AND folded_name = 'x'",
            "SELECT * FROM repository_grants WHERE user_id = $1",
            "SELECT * FROM repository_grants WHERE repository_id = $1",
            "SELECT * FROM repository_redirects WHERE repository_id = $1",
            "SELECT * FROM protected_refs WHERE repository_id = $1 ORDER BY pattern",
            "SELECT * FROM repositories WHERE id > $1 ORDER BY id LIMIT 10",
            "SELECT * FROM repositories WHERE id > '' AND namespace_id = $1 ORDER BY id LIMIT 10",
            "SELECT * FROM repositories WHERE id > '' AND type = $1 ORDER BY id LIMIT 10",
            "SELECT * FROM events WHERE id > $1 ORDER BY id LIMIT 10",
            "SELECT * FROM access_tokens WHERE namespace_id = $1",
            "SELECT * FROM access_tokens WHERE repository_id = $1",
            "SELECT * FROM repository_tags WHERE repository_id = $1",
            "SELECT * FROM download_days WHERE repository_id = $1",
        ]
        let orders = ["trend", "downloads", "likes", "updated_at", "created_at"].map { order in
            """
            SELECT id FROM repositories WHERE type = 'model' AND visibility = 'public' AND (\(order), id) < (9, $1)
            ORDER BY \(order) DESC, id DESC LIMIT 10
            """
        }
        try await withDatabaseFile { path in
            let driver = try SQLiteDriver(path: path)
            try await MetadataStore(driver: driver).migrate()
            for lookup in lookups + orders {
                let plan = try await driver.read { connection in
                    try connection.query("EXPLAIN QUERY PLAN \(lookup)", [.text("x")]).map { try $0.text("detail") }
                }
                #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(lookup): \(plan)")
            }
            try await driver.close()
        }
    }
}

/// What became of a transaction that another driver tried meanwhile.
private final class Outcome: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let result = Mutex<MetadataError?>(nil)

    /// The error it failed with.
    var error: MetadataError? { result.withLock { $0 } }

    /// Tries to write through `driver`.
    func set(of driver: SQLiteDriver) async {
        do {
            try await driver.transaction { _ = try $0.run("INSERT INTO t (a) VALUES (2)", []) }
        } catch {
            result.withLock { $0 = error as? MetadataError }
        }
        done.signal()
    }

    /// Waits for it, on a thread of the database.
    func wait() {
        done.wait()
    }
}
