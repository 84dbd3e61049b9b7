import Foundation
import GranaryTesting
import Testing

@Suite("The server's host keys", .serialized, .sharedServer)
struct HostKeys {
    private struct Answer: Decodable {
        struct Key: Decodable {
            let algorithm: String
            let fingerprint: String
            let publicKey: String
            let knownHosts: String
        }

        let user: String
        let host: String
        let port: Int
        let hostKeys: [Key]
    }

    private func ask(_ server: GranaryServer) async throws -> Answer {
        let answer = try await server.curl("GET", "/api/ssh")
        #expect(answer.status == 200, "\(answer)")
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body))
    }

    /// What the server presents, as lines of the form `ssh-ed25519 AAAA…`.
    private func presented(_ server: GranaryServer) async throws -> Set<String> {
        let types = "ed25519,ecdsa,rsa,dsa"
        let scan = try await Command("ssh-keyscan", ["-p", "\(server.sshPort)", "-t", types, "127.0.0.1"]).run()
        return Set(
            scan.lines.filter { !$0.hasPrefix("#") }.map { line in
                line.split(separator: " ").dropFirst().joined(separator: " ")
            }
        )
    }

    @Test func anybodyMayAskForThem() async throws {
        let server = try SharedServer.running.server
        let answer = try await ask(server)
        #expect(answer.user == "git" && answer.host == "127.0.0.1" && answer.port == server.sshPort)
        let presented = try await presented(server)
        #expect(Set(answer.hostKeys.map(\.publicKey)) == presented)
        let algorithms = answer.hostKeys.map(\.algorithm)
        #expect(algorithms.contains("ssh-ed25519") && algorithms.contains { $0.contains("rsa") }, "\(algorithms)")
        for key in answer.hostKeys {
            let files = try TemporaryDirectory("hostkey")
            let path = try files.write("key.pub", key.publicKey + "\n")
            let line = try await Command("ssh-keygen", ["-lf", path]).run().required().output
            #expect(line.contains(key.fingerprint), "\(line)")
            #expect(key.knownHosts == "[127.0.0.1]:\(server.sshPort) \(key.publicKey)")
        }
    }

    @Test func doctorAndTheStartTellTheFingerprints() async throws {
        let server = try SharedServer.running.server
        let doctor = try await server.run(["doctor"])
        for key in try await ask(server).hostKeys {
            #expect(doctor.output.contains(key.fingerprint) || doctor.errorText.contains(key.fingerprint), "\(doctor)")
            let told = server.log.contains(key.fingerprint) || server.announcements.contains(key.fingerprint)
            #expect(told, "the start does not tell \(key.fingerprint)")
        }
    }

    @Test func aClientThatKnowsOthersIsWarned() async throws {
        let (story, _) = try await Story.common()
        let stranger = try await SSHKey.make()
        let files = try TemporaryDirectory("known")
        let known = try files.write("known_hosts", "[127.0.0.1]:\(story.server.sshPort) \(stranger.publicLine())\n")
        let ssh = SSHClient(port: story.server.sshPort, knownHosts: known, key: story.owner.key)
        let result = try await ssh.with("HostKeyAlgorithms=ssh-ed25519")(nil)
        #expect(result.status == 255 && result.errorText.contains("verification failed"), "\(result)")
    }

    @Test func theyStayTheSameAfterARestart() async throws {
        let server = try SharedServer.running.server
        let before = try await presented(server)
        try await server.stop()
        try await server.start()
        #expect(try await presented(server) == before)
    }
}

@Suite("SSH that is switched off", .serialized, .ownServers)
struct SSHSwitchedOff {
    @Test func nobodyListensAndTheAPISaysSo() async throws {
        let server = try await GranaryServer.start(["--ssh", "off"])
        #expect(server.sshPort == 0)
        #expect(server.log.contains("ssh=off"))
        let answer = try await server.curl("GET", "/api/ssh")
        #expect(answer.status == 404, "\(answer)")
        #expect(try await server.stop() == 0)
    }

    @Test func aPortInUseStopsTheStart() async throws {
        let first = try await GranaryServer.start(sharesHostKeys: false)
        let data = try TemporaryDirectory("data")
        var command = Command(
            GranaryServer.executable,
            [
                "serve", "--data", data.path("data"), "--http", "127.0.0.1:0", "--metrics", "off", "--ssh",
                "127.0.0.1:\(first.sshPort)",
            ]
        )
        command.timeout = .seconds(20)
        let result = try await command.run()
        #expect(!result.succeeded && !result.timedOut && result.status < 128, "\(result)")
        #expect(result.errorText.contains("ssh"), "\(result)")
        #expect(try await first.stop() == 0)
    }
}
