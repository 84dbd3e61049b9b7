import GranaryTesting
import Testing

@Suite("Random and mutated packets at the SSH port", .serialized, .sharedServer)
struct PortFuzz {
    private static let seed: UInt64 = 20_260_301
    private static let time = Duration.seconds(12)

    @Test func theServerSurvivesAFewThousandBadConnections() async throws {
        let (story, work) = try await Story.common()
        let start = try story.server.measurements()
        try story.server.resetPeak()
        let clock = ContinuousClock()
        let deadline = clock.now + Self.time
        let rounds = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<3 {
                group.addTask {
                    var random = SeededRandom(Self.seed + UInt64(worker))
                    var rounds = 0
                    while clock.now < deadline, story.server.isRunning {
                        await attack(story.server.sshPort, &random)
                        rounds += 1
                    }
                    return rounds
                }
            }
            return try await group.reduce(0, +)
        }
        print("port fuzz: seed \(Self.seed), \(rounds) connections")
        #expect(story.server.isRunning && rounds > 100, "\(rounds) connections")
        let peak = try story.server.measurements().peakResident
        #expect(peak < start.resident + (96 << 20), "peak \(peak >> 20) MiB, before \(start.resident >> 20) MiB")
        let freed = try await eventually(within: .seconds(60)) {
            let now = try story.server.measurements()
            return now.descriptors <= start.descriptors + 10 && now.threads <= start.threads + 8
        }
        let now = try story.server.measurements()
        #expect(freed, "before \(start), now \(now)")
        let clone = try await story.git(.standardSSH).clone(story.url(.standardSSH), "clone")
        #expect(try await clone.objects() == work.objects())
    }

    /// One connection with something wrong in it.
    private func attack(_ port: Int, _ random: inout SeededRandom) async {
        guard let connection = try? RawConnection(port: port) else { return }
        let bytes = conversation(&random)
        // In two pieces, as networks deliver.
        let cut = Int.random(in: 0...bytes.count, using: &random)
        try? await connection.send(Array(bytes[..<cut]))
        try? await connection.send(Array(bytes[cut...]))
        if Bool.random(using: &random) { connection.closeWriting() }
        // The server may be waiting for more; a second is not worth it.
        if Int.random(in: 0..<8, using: &random) == 0 {
            _ = try? await connection.receive(limit: 4_096, idle: .seconds(1))
        }
        if Bool.random(using: &random) { connection.reset() } else { connection.close() }
    }

    /// A banner and packets, of which some are right and one is not.
    private func conversation(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array("SSH-2.0-fuzz_\(Int.random(in: 0..<100, using: &random))\r\n".utf8)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return random.bytes(Int.random(in: 0..<2_000, using: &random))
        case 1: return mutated(bytes, &random) + KexPackets.initial(&random)
        case 2: bytes += mutated(KexPackets.initial(&random), &random)
        case 3: bytes += KexPackets.initial(&random) + mutated(KexPackets.exchange(&random), &random)
        case 4: bytes += KexPackets.initial(&random) + KexPackets.arbitrary(&random)
        default: bytes += KexPackets.arbitrary(&random) + KexPackets.initial(&random) + KexPackets.exchange(&random)
        }
        let isCut = Int.random(in: 0..<3, using: &random) == 0
        return isCut ? Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))) : bytes
    }

    /// Some bytes changed, left out, doubled or put in.
    private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(contentsOf: random.bytes(Int.random(in: 1...40, using: &random)), at: place)
            default: bytes.insert(contentsOf: bytes[place...].prefix(64), at: place)
            }
        }
        return bytes
    }
}

/// Unencrypted packets of the key exchange.
///
/// - Source: RFC 4253, sections 6 and 7.1; RFC 8731.
private enum KexPackets {
    /// Frames a payload: length, padding length, payload, padding to a multiple of eight.
    static func packet(_ payload: [UInt8]) -> [UInt8] {
        let padding = 4 + (8 - (payload.count + 9) % 8) % 8
        return number(payload.count + padding + 1) + [UInt8(padding)] + payload + [UInt8](repeating: 0, count: padding)
    }

    /// SSH_MSG_KEXINIT with what OpenSSH offers.
    static func initial(_ random: inout SeededRandom) -> [UInt8] {
        let lists = [
            "curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256,ext-info-c,"
                + "kex-strict-c-v00@openssh.com",
            "ssh-ed25519,rsa-sha2-512", "aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr",
            "aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr", "hmac-sha2-256", "hmac-sha2-256", "none",
            "none", "", "",
        ]
        let guess: UInt8 = Int.random(in: 0..<4, using: &random) == 0 ? 1 : 0
        let names = lists.flatMap { string(Array($0.utf8)) }
        return packet([20] + random.bytes(16) + names + [guess, 0, 0, 0, 0])
    }

    /// SSH_MSG_KEX_ECDH_INIT with random bytes for a key, of the right length or not, and SSH_MSG_NEWKEYS.
    static func exchange(_ random: inout SeededRandom) -> [UInt8] {
        let length = [0, 1, 31, 32, 32, 32, 33, 65, 5_000].randomElement(using: &random) ?? 32
        return packet([30] + string(random.bytes(length))) + packet([21]) + random.bytes(64)
    }

    /// Any message with any payload.
    static func arbitrary(_ random: inout SeededRandom) -> [UInt8] {
        let payload = random.bytes(Int.random(in: 0..<300, using: &random))
        return packet([UInt8.random(in: 0...255, using: &random)] + payload)
    }

    private static func string(_ bytes: [UInt8]) -> [UInt8] { number(bytes.count) + bytes }

    private static func number(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
