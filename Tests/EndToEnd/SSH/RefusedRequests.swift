import Foundation
import GranaryTesting
import Testing

@Suite("Terminals, forwarding, subsystems and variables", .serialized, .sharedServer)
struct RefusedRequests {
    private func list(_ story: Story) -> String { "git-upload-pack \(story.repository.quotedPath)" }

    @Test func thereIsNoTerminal() async throws {
        let (story, work) = try await Story.common()
        let shell = try await story.ssh.with(arguments: ["-tt"])(nil)
        #expect(!shell.succeeded && shell.standardOutput.isEmpty, "\(shell)")
        #expect(shell.errorText.contains("PTY allocation request failed"), "\(shell)")
        let command = try await story.ssh.with(arguments: ["-tt"])(list(story), input: Array("0000".utf8))
        #expect(command.errorText.contains("PTY allocation request failed"), "\(command)")
        if command.succeeded { #expect(try await command.output.contains(work.id("main"))) }
    }

    @Test(arguments: ["sftp", "netconf", "git-upload-pack", ""])
    func thereAreNoSubsystems(name: String) async throws {
        let (story, _) = try await Story.common()
        let result = try await story.ssh.with(arguments: ["-s"])(name)
        #expect(!result.succeeded && !result.timedOut && result.standardOutput.isEmpty, "\(result)")
    }

    @Test func copyingFilesIsRefused() async throws {
        let (story, _) = try await Story.common()
        let files = try TemporaryDirectory("copy")
        let source = try files.write("file", "content")
        for program in [["scp", "-O"], ["scp"]] {
            let arguments =
                Array(program.dropFirst()) + story.ssh.arguments
                + ["-P", "\(story.server.sshPort)", source, "git@127.0.0.1:/tmp/granary-was-here"]
            let result = try await Command("scp", arguments).run()
            #expect(!result.succeeded && !result.timedOut, "\(result)")
        }
        let sftp = story.ssh.arguments + ["-P", "\(story.server.sshPort)", "-b", "/dev/null", "git@127.0.0.1"]
        let result = try await Command("sftp", sftp).run()
        #expect(!result.succeeded && !result.timedOut, "\(result)")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/granary-was-here"))
    }

    @Test func portsAreNotForwardedToTheClient() async throws {
        let (story, _) = try await Story.common()
        for forward in ["0:127.0.0.1:1", "127.0.0.1:0:127.0.0.1:1", "/tmp/granary-socket:127.0.0.1:1"] {
            let ssh = story.ssh.with(arguments: ["-N", "-o", "ExitOnForwardFailure=yes", "-R", forward])
            let result = try await ssh(nil)
            #expect(result.status == 255 && result.errorText.contains("forward"), "\(result)")
        }
    }

    @Test func portsAreNotForwardedFromTheClient() async throws {
        let (story, _) = try await Story.common()
        let target = "127.0.0.1:\(story.server.httpPort)"
        let request = Array("GET /healthz HTTP/1.0\r\n\r\n".utf8)
        let direct = try await story.ssh.with(arguments: ["-W", target])(nil, input: request)
        #expect(direct.status == 255 && direct.standardOutput.isEmpty, "\(direct)")

        let (local, dynamic) = try (RawConnection.freePort(), RawConnection.freePort())
        let files = try TemporaryDirectory("forward")
        let arguments = ["-N", "-L", "127.0.0.1:\(local):\(target)", "-D", "127.0.0.1:\(dynamic)"]
        let ssh = try story.ssh.with(arguments: arguments).start(nil, in: files)
        let listens = try await eventually { (try? RawConnection(port: dynamic)) != nil }
        #expect(listens)
        let plain = try RawConnection(port: local)
        try await plain.send(request)
        let (bytes, closed) = try await plain.receive(idle: .seconds(10))
        #expect(bytes.isEmpty && closed)

        let socks = try RawConnection(port: dynamic)
        let port = UInt16(truncatingIfNeeded: story.server.httpPort)
        try await socks.send([5, 1, 0])
        try await socks.send([5, 1, 0, 1, 127, 0, 0, 1, UInt8(port >> 8), UInt8(truncatingIfNeeded: port)])
        try? await socks.send(request)
        let (answer, _) = try await socks.receive(idle: .seconds(10))
        #expect(!String(decoding: answer, as: UTF8.self).contains("HTTP/"))
        await ssh.kill()
    }

    @Test func displaysAndAgentsAreNotForwarded() async throws {
        let (story, work) = try await Story.common()
        let tip = try await work.id("main")
        // Trusted forwarding, because the other kind wants `xauth` to be installed.
        var ssh = story.ssh.with(arguments: ["-Y", "-A"])
        ssh.environment["DISPLAY"] = ":99"
        let result = try await ssh(list(story))
        #expect(result.succeeded && result.output.contains(tip), "\(result)")
        #expect(result.errorText.contains("X11 forwarding request failed"), "\(result)")
    }

    @Test func variablesChangeNothing() async throws {
        let (story, work) = try await Story.common()
        let tip = try await work.id("main")
        for variable in [
            "GIT_DIR=/etc", "LD_PRELOAD=/tmp/x.so", "GIT_CONFIG_COUNT=1", "PATH=/tmp", "GIT_SSH_COMMAND=id", "LANG=de",
            "GIT_CONFIG_PARAMETERS='core.pager=id'", "A=\(String(repeating: "x", count: 10_000))", "HOME=$(id)",
        ] {
            let result = try await story.ssh.with("SetEnv=\(variable)")(list(story))
            #expect(result.succeeded && result.output.contains(tip), "\(variable.prefix(40)): \(result)")
        }
    }

    /// A version that nobody knows is no version, as over HTTP.
    @Test(arguments: [
        "version=99", "version=-1", "nonsense", ":::", "version=", "version=2\nid", "$(id)", "ünï", "version=1x",
        String(repeating: "version=1:", count: 1_000), String(repeating: "x", count: 10_000),
    ])
    func senselessProtocolsAreVersionZero(value: String) async throws {
        let (story, work) = try await Story.common()
        var ssh = story.ssh.with("SendEnv=GIT_PROTOCOL")
        ssh.environment["GIT_PROTOCOL"] = value
        let result = try await ssh(list(story))
        let tip = try await work.id("main")
        #expect(result.succeeded && result.output.contains(tip), "\(result)")
        #expect(story.server.isRunning)
    }

    @Test func theHighestKnownVersionIsTaken() async throws {
        let (story, _) = try await Story.common()
        var ssh = story.ssh.with("SendEnv=GIT_PROTOCOL")
        for (value, first) in [("version=1:version=2:x=y", "version 2"), ("x:version=1", "version 1")] {
            ssh.environment["GIT_PROTOCOL"] = value
            let result = try await ssh(list(story))
            #expect(Pkt.parse(result.standardOutput).first?.text == first, "\(result)")
        }
    }
}
