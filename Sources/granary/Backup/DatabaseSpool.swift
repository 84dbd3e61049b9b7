import GitCore
import Metadata
import MetadataSQLite
import ObjectStore

/// One snapshot of the database in a temporary file without a name.
///
/// Records are read within one transaction, which must not wait for the network; from here they go on at any pace.
struct DatabaseSpool: Sendable {
    private let file: OpenFile
    /// The version of the schema.
    let schema: Int64
    /// The tables.
    let tables: [DatabaseDump.Table]
    /// Where each piece lies.
    private let pieces: [Range<Int64>]
    /// Ids of all repositories, in order.
    let repositories: [String]
    /// Where the names of the large files lie that the records need, in order, 32 bytes each.
    private let needed: Range<Int64>

    /// The number of pieces.
    var count: Int { pieces.count }

    /// Takes a snapshot.
    /// - Parameter directory: where the temporary file goes.
    init(of driver: any SQLDriver, in directory: String) async throws {
        let file = try OpenFile(temporaryIn: directory)
        let schema = try await driver.read { try $0.schemaVersion() }
        let known = Migration.all.last?.version ?? 0
        guard schema <= known else { throw MetadataError.schemaTooNew(found: schema, known: known) }
        guard schema == known else {
            throw CommandFailure(
                .conflict,
                "the database has the schema of an older granary: back it up with that one, or start this one's server once"
            )
        }
        let dump = try await DatabaseDump.ofSchema(schema, in: directory)
        let contents = try await driver.read { connection in
            try connection.takeTime()
            guard try connection.schemaVersion() == schema else { throw MetadataError.busy }
            return try Contents(of: connection, dump, in: file)
        }
        (self.file, self.schema) = (file, schema)
        (tables, pieces, repositories, needed) = (
            contents.tables, contents.pieces, contents.repositories, contents.needed
        )
    }

    /// The bytes of a piece.
    func piece(_ index: Int) throws -> [UInt8] {
        let range = pieces[index]
        return try file.bytes(Int(range.upperBound - range.lowerBound), at: range.lowerBound)
    }

    /// The needed large files from number `index` on, at most `limit`.
    func neededObjects(from index: Int, limit: Int) throws -> [ObjectKey] {
        let start = needed.lowerBound + Int64(index) * Int64(ObjectKey.byteCount)
        let end = min(needed.upperBound, start + Int64(limit) * Int64(ObjectKey.byteCount))
        guard start < end else { return [] }
        let bytes = try file.bytes(Int(end - start), at: start)
        return stride(from: 0, to: bytes.count, by: ObjectKey.byteCount).compactMap {
            ObjectKey(bytes: bytes[$0..<$0 + ObjectKey.byteCount])
        }
    }
}

/// What was read within the transaction.
private struct Contents: Sendable {
    var tables: [DatabaseDump.Table] = []
    var pieces: [Range<Int64>] = []
    var repositories: [String] = []
    var needed: Range<Int64> = 0..<0

    private static let page = 1_000

    init(of connection: any SQLConnection, _ dump: DatabaseDump, in file: OpenFile) throws {
        var end: Int64 = 0
        tables = try dump.write(from: connection) { piece in
            try file.write(piece, at: end)
            pieces.append(end..<end + Int64(piece.count))
            end += Int64(piece.count)
        }
        repositories = try connection.query("SELECT id FROM repositories ORDER BY id", []).map { try $0.text("id") }
        let start = end
        var last = ""
        while true {
            // A file in chunks is in its xorbs; a xorb that no file has yet may still go.
            let rows = try connection.query(
                """
                SELECT oid FROM (
                    SELECT oid FROM lfs_objects l WHERE removed_at IS NULL AND oid > $1
                    AND NOT EXISTS (SELECT 1 AS one FROM xet_files f WHERE f.oid = l.oid)
                    UNION SELECT oid FROM xorbs x WHERE oid > $1
                    AND NOT EXISTS (SELECT 1 AS one FROM xorb_uploads u WHERE u.xorb_hash = x.hash)
                    UNION SELECT oid FROM attachments WHERE oid > $1
                ) AS needed ORDER BY oid LIMIT \(Self.page)
                """,
                [.text(last)]
            )
            for row in rows {
                last = try row.text("oid")
                guard let key = ObjectKey(hex: last) else { throw MetadataError.corrupt("\(last) is not an oid") }
                try file.write(key.bytes, at: end)
                end += Int64(ObjectKey.byteCount)
            }
            guard rows.count == Self.page else { break }
        }
        needed = start..<end
    }
}

extension SQLConnection {
    /// The number of the last step of the schema that the database had.
    func schemaVersion() throws(MetadataError) -> Int64 {
        try first("SELECT coalesce(max(version), 0) AS version FROM schema_migrations", [])?.integer("version") ?? 0
    }
}

extension DatabaseDump {
    /// The dump of a schema, read from an empty database that is made for it in `directory`.
    static func ofSchema(_ version: Int64, in directory: String) async throws -> DatabaseDump {
        let steps = try Migration.steps(to: version)
        let path = directory + "/schema.tmp"
        defer { for ending in ["", "-wal", "-shm"] { try? Directories.removeTree(path + ending) } }
        for ending in ["", "-wal", "-shm"] { try Directories.removeTree(path + ending) }
        let template = try SQLiteDriver(path: path)
        do {
            try await template.transaction { connection in
                try Migrator(connection: connection, kind: .sqlite).migrate(to: steps, at: nil)
            }
            let dump = try DatabaseDump { (sql, values) throws(MetadataError) in
                try template.blockingRead { (connection) throws(MetadataError) in try connection.query(sql, values) }
            }
            try await template.close()
            return dump
        } catch {
            try? await template.close()
            throw error
        }
    }
}

extension Migration {
    /// The steps up to a version.
    /// - Throws: `schemaTooNew` for one that this program does not know.
    static func steps(to version: Int64) throws(MetadataError) -> [Migration] {
        let known = all.last?.version ?? 0
        guard (1...known).contains(version) else { throw .schemaTooNew(found: version, known: known) }
        return all.filter { $0.version <= version }
    }
}
