import Metadata

/// Something that every `SQLDriver` does, as a case for parameterised tests.
package struct SQLDriverPromise: Sendable, CustomStringConvertible {
    /// The rule, in words.
    package let description: String
    /// Tries it on an empty database; throws when the promise is broken.
    package let check: @Sendable (DatabaseOpener) async throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (any SQLDriver) async throws -> Void) {
        self.init(onSeveral: description) { try await $0.withDriver(check) }
    }

    init(onSeveral description: String, _ check: @escaping @Sendable (DatabaseOpener) async throws -> Void) {
        self.description = description
        self.check = check
    }

    /// All promises of a driver.
    package static let all = statements + isolation + versions

    static let versions = [
        SQLDriverPromise(onSeveral: "the version is another one after each change, whoever makes it") { opener in
            try await opener.withDriver { driver in
                _ = try await driver.transaction { try $0.run("CREATE TABLE t (n BIGINT)", []) }
                guard var last = driver.version else { return }
                for round in 0..<20 {
                    try promise(driver.version, is: last)
                    _ = try await driver.read { try $0.query("SELECT n FROM t", []) }
                    try promise(driver.version, is: last)
                    let insert: @Sendable (any SQLConnection) throws -> Void = {
                        _ = try $0.run("INSERT INTO t (n) VALUES ($1)", [.integer(1)])
                    }
                    if round.isMultiple(of: 2) {
                        try await driver.transaction(insert)
                    } else {
                        try await opener.withDriver { try await $0.transaction(insert) }
                    }
                    let isOwn = round.isMultiple(of: 2)
                    last = try await version(of: driver, after: last, isSeenAtOnce: isOwn || driver.kind == .sqlite)
                }
            }
        }
    ]

    static let statements = [
        SQLDriverPromise("values come back as they were given") { driver in
            let values: [SQLValue] = [
                .null, .integer(.min), .integer(.max), .integer(0), .text(""), .text("\u{65}\u{301} \u{1F33E}"),
            ]
            try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (n BIGINT, i BIGINT, s TEXT)", [])
                for (position, value) in values.enumerated() {
                    let column =
                        switch value {
                        case .text: "s"
                        default: "i"
                        }
                    try connection.run(
                        "INSERT INTO t (n, \(column)) VALUES ($1, $2)",
                        [.integer(Int64(position)), value]
                    )
                }
            }
            let rows = try await driver.read { try $0.query("SELECT n, i, s FROM t ORDER BY n", []) }
            try promise(rows.count, is: values.count)
            for (row, value) in zip(rows, values) {
                switch value {
                case .text(let text): try promise(Array(try row.text("s").utf8), is: Array(text.utf8))
                default: try promise(try row.value("i"), is: value)
                }
            }
        },
        SQLDriverPromise("parameters are numbered, not counted") { driver in
            let rows = try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (a BIGINT, b TEXT, c BIGINT)", [])
                try connection.run("INSERT INTO t (b, a, c) VALUES ($2, $1, $1)", [.integer(1), .text("two")])
                try connection.run(
                    "UPDATE t SET c = $3, b = $2 WHERE a = $1",
                    [.integer(1), .text("zwei"), .integer(3)]
                )
                return try connection.query(
                    "SELECT a, b, c FROM t WHERE b = $2 AND a = $1",
                    [.integer(1), .text("zwei")]
                )
            }
            try promise(rows.count, is: 1)
            try promise(try rows[0].integer("a"), is: 1)
            try promise(try rows[0].text("b"), is: "zwei")
            try promise(try rows[0].integer("c"), is: 3)
        },
        SQLDriverPromise("a wrong number of parameters is refused") { driver in
            for parameters in [[], [SQLValue.integer(1), .integer(2)]] {
                try await promiseFailure({ $0 is MetadataError }) {
                    try await driver.read { try $0.query("SELECT 1 AS one WHERE 1 = $1", parameters) }
                }
            }
        },
        SQLDriverPromise("run tells how many rows changed") { driver in
            let counts = try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b BIGINT)", [])
                let insert = "INSERT INTO t (a, b) VALUES ($1, 0) ON CONFLICT (a) DO NOTHING"
                return [
                    try connection.run(insert, [.integer(1)]), try connection.run(insert, [.integer(1)]),
                    try connection.run(insert, [.integer(2)]), try connection.run("UPDATE t SET b = 1", []),
                    try connection.run("UPDATE t SET b = 1 WHERE a = 7", []), try connection.run("DELETE FROM t", []),
                ]
            }
            try promise(counts, is: [1, 0, 1, 2, 0, 2])
        },
        SQLDriverPromise("a statement that changes can answer rows") { driver in
            let answered = try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (a BIGINT NOT NULL PRIMARY KEY, b BIGINT NOT NULL)", [])
                try connection.run("INSERT INTO t (a, b) VALUES (1, 41)", [])
                return try connection.first("UPDATE t SET b = b + 1 WHERE a = $1 RETURNING b", [.integer(1)])
            }
            try promise(try answered?.integer("b"), is: 42)
        },
        SQLDriverPromise("text is ordered by its bytes") { driver in
            let rows = try await driver.transaction { connection in
                try connection.run("CREATE TABLE t (s TEXT)", [])
                for text in ["b", "a/b", "\u{E9}", "a-b", "B", "a", "ab"] {
                    try connection.run("INSERT INTO t (s) VALUES ($1)", [.text(text)])
                }
                return try connection.query("SELECT s FROM t ORDER BY s", [])
            }
            try promise(try rows.map { try $0.text(at: 0) }, is: ["B", "a", "a-b", "a/b", "ab", "b", "\u{E9}"])
        },
        SQLDriverPromise("a second row with a key is a conflict, so is a row without its parent") { driver in
            try await driver.transaction { connection in
                try connection.run("CREATE TABLE p (a BIGINT NOT NULL PRIMARY KEY)", [])
                try connection.run("CREATE TABLE c (a BIGINT NOT NULL REFERENCES p (a))", [])
                try connection.run("INSERT INTO p (a) VALUES (1)", [])
            }
            for statement in ["INSERT INTO p (a) VALUES (1)", "INSERT INTO c (a) VALUES (2)"] {
                try await promiseFailure(isConflict) { try await driver.transaction { try $0.run(statement, []) } }
            }
        },
        SQLDriverPromise("nonsense is refused, and the driver goes on") { driver in
            try await promiseFailure(isFailed) { try await driver.read { try $0.query("SELEKT 1", []) } }
            try await promiseFailure(isFailed) { try await driver.read { try $0.query("SELECT a FROM nowhere", []) } }
            try promise(try await driver.read { try $0.query("SELECT 1 AS one", []).count }, is: 1)
        },
    ]
}

/// The version that follows `last`: of what others commit on a server it may come a little later.
private func version(of driver: any SQLDriver, after last: Int64, isSeenAtOnce: Bool) async throws -> Int64 {
    let deadline = ContinuousClock.now + .seconds(30)
    while !isSeenAtOnce, driver.version == last, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(5))
    }
    let next = try present(driver.version)
    try promise(next != last, "the version became another one")
    return next
}

/// Whether an error says that a key was taken or a parent missing.
@Sendable
func isConflict(_ error: any Error) -> Bool {
    if case MetadataError.conflict = error { true } else { false }
}

/// Whether an error says that a statement made no sense.
@Sendable
func isFailed(_ error: any Error) -> Bool {
    if case MetadataError.failed = error { true } else { false }
}

/// Whether an error says that there is no such row.
@Sendable
func isNotFound(_ error: any Error) -> Bool {
    error as? MetadataError == .notFound
}
