import GranaryTesting
import Testing

@Suite("Many commands on one connection", .serialized, .sharedServer)
struct Multiplexing {
    @Test func twelveClonesShareOneConnection() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 300, seed: 311))
        try await source("push", "--quiet", story.url(), "main")
        let expected = try await source.objects()
        let master = try await SSHMaster.open(story.ssh)
        let equal = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<12 {
                group.addTask {
                    let git = try story.git(Wire.ssh[index % Wire.ssh.count]).over(master.client)
                    let clone = try await git.clone(story.url(.standardSSH), "clone")
                    return try await clone.objects() == expected
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(equal == 12)
        #expect(master.isOpen)
        await master.close()
    }

    @Test func pushesAndClonesMixOnOneConnection() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let master = try await SSHMaster.open(story.ssh)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<10 {
                group.addTask {
                    let git = try story.git(.standardSSH).over(master.client)
                    let clone = try await git.clone(story.url(.standardSSH), "clone")
                    try await clone.commit("by \(index)", ["by-\(index)": "\(index)\n"])
                    try await clone("push", "--quiet", "origin", "main:refs/heads/topic-\(index)")
                }
            }
            try await group.waitForAll()
        }
        #expect(try await story.remoteRefs().keys.count { $0.contains("topic-") } == 10)
        await master.close()
        try await story.verify()
    }

    @Test func aConnectionServesManyCommandsOneAfterAnother() async throws {
        let (story, work) = try await Story.common()
        let tip = try await work.id("main")
        let master = try await SSHMaster.open(story.ssh)
        let before = try story.server.measurements()
        for index in 0..<100 {
            let good = try await master.client.list(story.repository)
            #expect(good.succeeded && good.output.contains(tip), "\(index): \(good)")
            if index % 10 == 0 { #expect(try await master.client("id").status == 127) }
        }
        let after = try story.server.measurements()
        #expect(after.descriptors <= before.descriptors + 8, "\(before), \(after)")
        #expect(after.threads <= before.threads + 16, "\(before), \(after)")
        await master.close()
    }

    /// One command that nobody reads from must not hold up the others of its connection for ever.
    @Test func aFailingCommandLeavesTheConnectionOpen() async throws {
        let (story, _) = try await Story.common()
        let master = try await SSHMaster.open(story.ssh)
        for command in ["git-upload-pack '/alice/not-there'", "git-upload-pack", "git-receive-pack '; id", "sh"] {
            #expect(try await [127, 128].contains(master.client(command).status), "\(command)")
        }
        #expect(try await master.client.list(story.repository).succeeded)
        #expect(master.isOpen)
        await master.close()
    }

    @Test func closedConnectionsFreeWhatTheyHeld() async throws {
        let (story, _) = try await Story.common()
        let before = try story.server.measurements()
        for _ in 0..<5 {
            var masters: [SSHMaster] = []
            for _ in 0..<5 { masters.append(try await SSHMaster.open(story.ssh)) }
            for master in masters { #expect(try await master.client(nil).status == 1) }
            for master in masters { await master.close() }
        }
        let freed = try await eventually {
            let now = try story.server.measurements()
            return now.descriptors <= before.descriptors + 4 && now.threads <= before.threads + 8
        }
        let now = try story.server.measurements()
        #expect(freed, "before \(before), now \(now)")
    }
}
