import GitCore
import GranaryTesting
import OpenSSLKit
import Testing

@Suite struct PackBitmapTests {
    /// What git's bitmaps may come with: name-hash cache, lookup table.
    private static let formats = [(true, true), (true, false), (false, true), (false, false)]

    @Test(arguments: formats)
    func readsWhatGitWrites(hashes: Bool, table: Bool) async throws {
        let history = try await RandomHistory(seed: table ? 11 : 12, commits: 300)
        let pack = try await history.packed(
            ["pack.writeBitmapHashCache=\(hashes)", "pack.writeBitmapLookupTable=\(table)"],
            arguments: ["-b"]
        )
        let bitmap = try PackBitmap(path: "\(history.packDirectory)/\(pack.name).bitmap", index: pack.index)
        #expect(bitmap.commitCount > 20)
        for position in bitmap.commitPositions {
            let set = try #require(try bitmap.reachable(fromPosition: position))
            let listed = try await history.oids(["rev-list", "--objects", pack.index.oid(at: position).hex])
            #expect(pack.oids(set) == Set(listed))
        }
        let scanned = try PackTypes(scanning: pack)
        for type in ObjectType.allCases { #expect(try bitmap.objects(ofType: type) == scanned[type]) }
        #expect((bitmap.nameHash(atPosition: 0) != nil) == hashes)
    }

    @Test(arguments: [21, 22, 23] as [UInt64])
    func gitReadsWhatWeWrite(_ seed: UInt64) async throws {
        let history = try await RandomHistory(seed: seed, commits: 250)
        let pack = try await history.packed()
        let path = "\(history.packDirectory)/\(pack.name).bitmap"
        let tips = try await history.oids(["for-each-ref", "--format=%(objectname)"])
        let count = try await PackBitmapBuilder(pack).write(tips, path: path)
        #expect(count > 5)
        try await history.git(["fsck", "--full", "--strict"])
        // Compares the bitmap with a walk, bit by bit.
        for branch in ["main", "side1", "side2"] { try await history.git(["rev-list", "--test-bitmap", branch]) }
        let walked = try await history.oids(["rev-list", "--objects", "--all"])
        let listed = try await history.oids(["rev-list", "--objects", "--all", "--use-bitmap-index"])
        #expect(Set(walked) == Set(listed))
        // What git makes of it for a clone, and that it does not complain about the file.
        let sent = try await history.git(["pack-objects", "--all", "--stdout", "-q", "--use-bitmap-index"])
        #expect(sent.count > 1_000)

        let bitmap = try PackBitmap(path: path, index: pack.index)
        #expect(bitmap.commitCount == count)
        for position in bitmap.commitPositions {
            let set = try #require(try bitmap.reachable(fromPosition: position))
            let listed = try await history.oids(["rev-list", "--objects", pack.index.oid(at: position).hex])
            #expect(pack.oids(set) == Set(listed))
        }
    }

    @Test func hashesNamesAsGitDoes() async throws {
        let history = try await RandomHistory(seed: 31, commits: 60)
        let pack = try await history.packed(["pack.writeBitmapHashCache=true"], arguments: ["-b"])
        let theirs = try PackBitmap(path: "\(history.packDirectory)/\(pack.name).bitmap", index: pack.index)
        let named = try await history.git(["ls-tree", "-r", "main"])
        for line in String(decoding: named, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "\t")
            guard let oid = ObjectID(hex: parts[0].suffix(40)), let position = pack.index.position(of: oid) else {
                continue
            }
            var hash = NameHash()
            for name in parts[1].split(separator: "/") { hash = hash.entry(name.utf8) }
            let paths = try await history.git(["log", "--all", "--format=", "--name-only", "--find-object=\(oid)"])
            // The same content under several names has the hash of one of them.
            guard Set(String(decoding: paths, as: UTF8.self).split(separator: "\n")).count == 1 else { continue }
            #expect(theirs.nameHash(atPosition: position) == hash.value, "\(parts[1])")
        }
    }

    @Test func answersDamageWithErrors() async throws {
        let history = try await RandomHistory(seed: 41, commits: 80)
        let pack = try await history.packed(["pack.writeBitmapLookupTable=true"], arguments: ["-b"])
        let path = "\(history.packDirectory)/\(pack.name).bitmap"
        let original = try #require(try Directories.readFile(path, limit: 1 << 24))
        var random = SeededRandom(5)
        var refused = 0
        for round in 0..<600 {
            var bytes = random.mutation(of: Array(original.dropLast(20)), spice: [0, 0xff, 0x10, 1])
            // Without this the checksum would catch everything, and nothing behind it would be tried.
            if round % 10 != 0 {
                let sha1 = try SHA1Stream()
                try bytes.withUnsafeBytes { try sha1.update($0) }
                bytes += try sha1.finalize()
            } else {
                bytes += original.suffix(20)
            }
            let damaged = try history.directory.write("damaged.bitmap", bytes)
            do {
                let bitmap = try PackBitmap(path: damaged, index: pack.index)
                for position in bitmap.commitPositions { _ = try bitmap.reachable(fromPosition: position) }
                for type in ObjectType.allCases { _ = try bitmap.objects(ofType: type) }
                _ = bitmap.nameHash(atPosition: pack.index.count - 1)
            } catch is ReachabilityError {
                refused += 1
            }
        }
        #expect(refused > 60)
    }

    @Test func indexAndReverseIndexAreThoseOfGit() async throws {
        let history = try await RandomHistory(seed: 51, commits: 60)
        let pack = try await history.packed()
        let base = "\(history.packDirectory)/\(pack.name)"
        try await history.git(["index-pack", "--rev-index", "-o", "git.idx", base + ".pack"])
        let entries = (0..<pack.index.count).map { position in
            IndexedEntry(
                oid: pack.index.oid(at: position),
                crc32: pack.index.crc32(at: position),
                offset: pack.index.offset(at: position)
            )
        }
        let ours = history.directory.path("ours")
        try PackIndexWriter.write(entries, packChecksum: pack.index.packChecksum, base: ours)
        for ending in [".idx", ".rev"] {
            let theirs = try Directories.readFile(history.directory.path("git" + ending), limit: 1 << 24)
            #expect(try Directories.readFile(ours + ending, limit: 1 << 24) == theirs, "\(ending)")
        }
    }
}
