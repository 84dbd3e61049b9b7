import GranaryTesting
import Testing

@Suite("Connections that never log in", .serialized, .sharedServer)
struct HalfOpenConnections {
    private func expectLogin(_ story: Story, within limit: Duration, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let clock = ContinuousClock()
        var last: CommandResult?
        let deadline = clock.now + limit
        repeat {
            last = try await story.ssh.list(story.repository)
        } while last?.succeeded != true && clock.now < deadline
        let seen = last.map { "\($0)" } ?? "none"
        #expect(last?.succeeded == true, "no login within \(limit): \(seen)", sourceLocation: sourceLocation)
    }

    /// Some send nothing, some half a banner, some a whole one.
    private func halfOpen(_ story: Story, count: Int, from addresses: ClosedRange<UInt16>) async throws
        -> [RawConnection]
    {
        var connections: [RawConnection] = []
        for index in 0..<count {
            let source = addresses.lowerBound + UInt16(index % addresses.count)
            guard let connection = try? RawConnection(port: story.server.sshPort, from: source) else { continue }
            let words = ["", "SSH-2.0-ha", "SSH-2.0-whole\r\n"][index % 3]
            try? await connection.send(words)
            connections.append(connection)
        }
        return connections
    }

    @Test func aFleetFromOneAddressDoesNotStopOthers() async throws {
        let (story, _) = try await Story.common()
        let start = try story.server.measurements()
        var connections = try await halfOpen(story, count: 600, from: 0x0102...0x0102)
        try await expectLogin(story, within: .seconds(15))
        for connection in connections { connection.close() }
        connections = []
        try await expectFreed(story, since: start)
    }

    @Test func aFleetFromManyAddressesDoesNotStopOthers() async throws {
        let (story, _) = try await Story.common()
        let start = try story.server.measurements()
        var connections = try await halfOpen(story, count: 600, from: 0x0201...0x0264)
        try await expectLogin(story, within: .seconds(30))
        for connection in connections { connection.reset() }
        connections = []
        try await expectFreed(story, since: start)
    }

    /// A company behind one address, one of whose machines is broken.
    @Test func someFromOnesOwnAddressDoNotStopALogin() async throws {
        let (story, _) = try await Story.common()
        let start = try story.server.measurements()
        var connections = try await halfOpen(story, count: 9, from: 1...1)
        try await expectLogin(story, within: .seconds(15))
        for connection in connections { connection.close() }
        connections = []
        try await expectFreed(story, since: start)
    }

    private func expectFreed(_ story: Story, since before: GranaryServer.Measurements) async throws {
        let freed = try await eventually(within: .seconds(60)) {
            let now = try story.server.measurements()
            return now.descriptors <= before.descriptors + 10 && now.threads <= before.threads + 8
        }
        let now = try story.server.measurements()
        #expect(freed, "before \(before), now \(now)")
    }
}

@Suite("The time for logging in", .serialized, .sharedServer(takesTurn: false))
struct LoginTime {
    /// The handshake has 15 seconds; nobody holds a place longer.
    @Test func connectionsThatSayNothingAreClosed() async throws {
        let server = try SharedServer.running.server
        let closed = try await withThrowingTaskGroup(of: (String, Bool).self) { group in
            for words in ["", "SSH-2.0-ha", "SSH-2.0-whole\r\n", "SSH-2.0-whole\r\n\0\0\u{4}\0\u{8}\u{14}"] {
                group.addTask {
                    let connection = try RawConnection(port: server.sshPort)
                    try? await connection.send(words)
                    return (words, try await connection.receive(idle: .seconds(60)).closed)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (words, isClosed) in closed { #expect(isClosed, "still open after \(words.debugDescription)") }
    }

    /// A client that goes on sending, but slowly, has no more time than others.
    @Test func aSlowBannerIsCutOff() async throws {
        let server = try SharedServer.running.server
        let connection = try RawConnection(port: server.sshPort)
        var wasCut = false
        for _ in 0..<60 where !wasCut {
            do { try await connection.send("x") } catch { wasCut = true }
            try await Task.sleep(for: .seconds(1))
        }
        #expect(wasCut)
    }
}
