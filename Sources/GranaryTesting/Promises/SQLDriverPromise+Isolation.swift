import Metadata

extension SQLDriverPromise {
    static let isolation = [
        SQLDriverPromise("a transaction that throws has not happened") { driver in
            try await makeCounter(driver)
            try await promiseFailure({ $0 is Deliberate }) {
                try await driver.transaction { connection in
                    try connection.run("UPDATE counter SET n = 7", [])
                    throw Deliberate()
                }
            }
            try promise(try await counter(driver), is: 0)
        },
        SQLDriverPromise("a transaction after a failed statement can be given up and repeated") { driver in
            try await makeCounter(driver)
            try await promiseFailure(isConflict) {
                try await driver.transaction { connection in
                    try connection.run("UPDATE counter SET n = 7", [])
                    try connection.run("INSERT INTO counter (id, n) VALUES (1, 8)", [])
                }
            }
            try promise(try await counter(driver), is: 0)
            try await driver.transaction { _ = try $0.run("UPDATE counter SET n = 9", []) }
            try promise(try await counter(driver), is: 9)
        },
        SQLDriverPromise("transactions follow one another") { driver in
            try await makeCounter(driver)
            try await increment(through: [driver], tasks: 8, times: 25)
            try promise(try await counter(driver), is: 200)
        },
        SQLDriverPromise(onSeveral: "transactions of two processes follow one another") { database in
            try await database.withDriver { first in
                try await makeCounter(first)
                try await database.withDriver { second in
                    try await increment(through: [first, second], tasks: 8, times: 25)
                    try promise(try await counter(first), is: 200)
                    try promise(try await counter(second), is: 200)
                }
            }
        },
        SQLDriverPromise(onSeveral: "a commit is seen by another process at once") { database in
            try await database.withDriver { first in
                try await makeCounter(first)
                try await database.withDriver { second in
                    for round in 1...50 {
                        let writer = round.isMultiple(of: 2) ? first : second
                        let reader = round.isMultiple(of: 2) ? second : first
                        _ = try await writer.transaction { try $0.run("UPDATE counter SET n = n + 1", []) }
                        try promise(try await counter(reader), is: Int64(round))
                    }
                }
            }
        },
        SQLDriverPromise(onSeveral: "what was committed is there after closing and opening") { database in
            try await database.withDriver { driver in
                try await makeCounter(driver)
                _ = try await driver.transaction { try $0.run("UPDATE counter SET n = 5", []) }
            }
            try await database.withDriver { try promise(try await counter($0), is: 5) }
        },
        SQLDriverPromise("a read sees one moment, while others write") { driver in
            try await makeCounter(driver)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await increment(through: [driver], tasks: 1, times: 100) }
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<50 {
                            let (before, after) = try await driver.read { connection in
                                let before = try number(connection)
                                for _ in 0..<20 { _ = try number(connection) }
                                return (before, try number(connection))
                            }
                            try promise(before, is: after)
                        }
                    }
                }
                try await group.waitForAll()
            }
        },
        SQLDriverPromise("a driver that was closed refuses") { driver in
            try await driver.close()
            try await promiseFailure({ $0 is MetadataError }) {
                try await driver.read { try $0.query("SELECT 1 AS one", []) }
            }
        },
        SQLDriverPromise("a cancelled task changes nothing") { driver in
            try await makeCounter(driver)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await driver.transaction { try $0.run("UPDATE counter SET n = 7", []) }
            }
            try await promiseFailure({ $0 is CancellationError }) { try await task.value }
            try promise(try await counter(driver), is: 0)
        },
    ]
}

private struct Deliberate: Error {}

private func makeCounter(_ driver: any SQLDriver) async throws {
    try await driver.transaction { connection in
        try connection.run("CREATE TABLE counter (id BIGINT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)", [])
        try connection.run("INSERT INTO counter (id, n) VALUES (1, 0)", [])
    }
}

private func counter(_ driver: any SQLDriver) async throws -> Int64 {
    try await driver.read { try number($0) }
}

private func number(_ connection: any SQLConnection) throws -> Int64 {
    try present(try connection.first("SELECT n FROM counter WHERE id = 1", [])).integer("n")
}

/// Counts up by reading and writing, which loses steps unless transactions exclude each other.
private func increment(through drivers: [any SQLDriver], tasks: Int, times: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<tasks {
            let driver = drivers[task % drivers.count]
            group.addTask {
                for _ in 0..<times {
                    try await driver.transaction { connection in
                        let next = try number(connection) + 1
                        try connection.run("UPDATE counter SET n = $1 WHERE id = 1", [.integer(next)])
                    }
                }
            }
        }
        try await group.waitForAll()
    }
}
