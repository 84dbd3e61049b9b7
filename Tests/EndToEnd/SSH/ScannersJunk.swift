import GranaryTesting
import Testing

@Suite("What port scanners send to the SSH port", .serialized, .sharedServer)
struct ScannersJunk {
    private static let junk: [(name: String, bytes: [UInt8])] = {
        var random = SeededRandom(341)
        let hello: [UInt8] = [0x16, 3, 1, 0, 0xc0, 1, 0, 0, 0xbc, 3, 3] + random.bytes(189)
        return [
            ("an HTTP request", Array("GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: zgrab\r\n\r\n".utf8)),
            ("a TLS hello", hello), ("random bytes", random.bytes(4_096)),
            ("zeros", [UInt8](repeating: 0, count: 4_096)),
            ("an endless banner", [UInt8](repeating: 0x61, count: 4 << 20)),
            ("an endless version", Array("SSH-2.0-".utf8) + [UInt8](repeating: 0x61, count: 4 << 20)),
            ("endless lines", Array(String(repeating: "hello\r\n", count: 300_000).utf8)),
            ("an old version", Array("SSH-1.5-old\r\n".utf8)), ("no version", Array("SSH-\r\n".utf8)),
            ("a strange version", Array("SSH-9.9-x\r\n".utf8)),
            ("a banner with zeros", Array("SSH-2.0-\0\0\0\r\n".utf8)),
            ("SMTP", Array("EHLO x\r\nMAIL FROM:<a@b>\r\n".utf8)),
            ("RDP", [3, 0, 0, 0x13, 0x0e, 0xe0, 0, 0, 0, 0, 0, 1, 0]),
            ("git's own protocol", Array("0032git-upload-pack /alice/x\0host=127.0.0.1\0".utf8)),
            ("a large packet", Array("SSH-2.0-x\r\n".utf8) + [0xff, 0xff, 0xff, 0xff] + random.bytes(70_000)),
            ("an empty packet", Array("SSH-2.0-x\r\n".utf8) + [0, 0, 0, 0, 0, 0, 0, 0]),
            ("too much padding", Array("SSH-2.0-x\r\n".utf8) + [0, 0, 0, 12, 255] + random.bytes(64)),
            ("random packets", Array("SSH-2.0-x\r\n".utf8) + random.bytes(100_000)),
        ]
    }()

    @Test func junkEndsTheConnectionAndNothingElse() async throws {
        let (story, work) = try await Story.common()
        let start = try story.server.measurements()
        try story.server.resetPeak()
        for (name, bytes) in Self.junk {
            let connection = try RawConnection(port: story.server.sshPort)
            try? await connection.send(bytes)
            connection.closeWriting()
            let (answer, closed) = try await connection.receive(idle: .seconds(20))
            #expect(closed, "\(name): the connection is kept open")
            #expect(answer.count < 100_000, "\(name)")
            #expect(answer.isEmpty || answer.starts(with: Array("SSH-2.0-".utf8)), "\(name)")
        }
        let peak = try story.server.measurements().peakResident
        #expect(peak < start.resident + (64 << 20), "peak \(peak >> 20) MiB, before \(start.resident >> 20) MiB")
        let clone = try await story.git(.standardSSH).clone(story.url(.standardSSH), "clone")
        #expect(try await clone.objects() == work.objects())
        let freed = try await eventually {
            try story.server.measurements().descriptors <= start.descriptors + 10
        }
        #expect(freed)
    }

    /// The banner tells what a client needs and no more.
    @Test func theBannerIsShort() async throws {
        let server = try SharedServer.running.server
        let connection = try RawConnection(port: server.sshPort)
        try await connection.send("SSH-2.0-tests\r\n")
        let (bytes, _) = try await connection.receive(limit: 255, idle: .seconds(5))
        let banner = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
        #expect(banner.hasPrefix("SSH-2.0-") && banner.count < 100, "\(banner)")
    }
}
