import Foundation
import GranaryTesting
import Testing

/// Whether a program is installed.
private func isInstalled(_ program: String) async -> Bool {
    let result = try? await Command("sh", ["-c", "command -v \(program)"]).run()
    return result?.succeeded ?? false
}

@Suite("Other implementations of SSH", .serialized, .sharedServer)
struct OtherClients {
    /// Clones, pushes and fetches with git, for which another program speaks SSH.
    private func useGit(_ command: String, variant: String, port: Int?, _ story: Story) async throws {
        var git = try story.git(Wire(transport: .ssh, version: 0))
        git.environment["GIT_SSH_COMMAND"] = command
        git.environment["GIT_SSH_VARIANT"] = variant
        let place = port.map { ":\($0)" } ?? ""
        let url = "ssh://git@127.0.0.1\(place)\(story.repository.path).git"
        let clone = try await git.clone(url, "clone")
        var random = SeededRandom(361)
        try clone.write("large.bin", random.bytes(3 << 20))
        try await clone.commit("by another client")
        try await clone("push", "--quiet", "origin", "main")
        let again = try await git.clone(url, "again")
        #expect(try await again.objects() == clone.objects())
        let missing = try await git.attempt("ls-remote", url + "x")
        #expect(!missing.succeeded && missing.errorText.contains("granary: "), "\(missing)")
        try await story.verify(equals: clone)
    }

    private func hostFingerprints(_ story: Story) async throws -> [String] {
        let keys = try await story.server.curl("GET", "/api/ssh").json["hostKeys"] as? [[String: Any]] ?? []
        return keys.compactMap { $0["fingerprint"] as? String }
    }

    @Test(.enabled("plink and puttygen are not installed") { await isInstalled("plink && command -v puttygen") })
    func plinkClonesAndPushes() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let key = try #require(story.owner.key)
        let converted = key.beside("id.ppk")
        try await Command("puttygen", [key.path, "-o", converted]).run().required()
        let hosts = try await hostFingerprints(story).map { "-hostkey \($0)" }
        let command = "plink -batch -ssh -noagent -i \(converted) \(hosts.joined(separator: " "))"
        try await useGit(command, variant: "plink", port: story.server.sshPort, story)
    }

    @Test(.enabled("dbclient is not installed") { await isInstalled("dbclient && command -v dropbearconvert") })
    func dropbearClonesAndPushes() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let key = try #require(story.owner.key)
        let converted = key.beside("id.dropbear")
        try await Command("dropbearconvert", ["openssh", "dropbear", key.path, converted]).run().required()
        let command = "dbclient -y -y -i \(converted) -p \(story.server.sshPort)"
        try await useGit(command, variant: "simple", port: nil, story)
    }

    @Test(.enabled("paramiko is not installed") { await PythonScript.canImport("paramiko") })
    func paramikoClonesAndPushes() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let key = try #require(story.owner.key)
        let script = PythonScript("client.py").path
        let options = "--port \(story.server.sshPort) --key \(key.path) --known-hosts \(story.server.knownHosts)"
        let command = "\(PythonScript.interpreter) -B -W ignore \(script) \(options)"
        try await useGit(command, variant: "simple", port: nil, story)
    }

    @Test(
        .enabled("paramiko is not installed") { await PythonScript.canImport("paramiko") },
        arguments: [(SSHKey.Kind.ecdsa, 256), (.rsa, 3_072)]
    )
    func paramikoLogsInWithOtherKeys(kind: SSHKey.Kind, bits: Int) async throws {
        let (story, work) = try await Story.common()
        let key = try await SSHKey.make(kind, bits: bits)
        try await story.server.addKey(key, to: "alice")
        let result = try await PythonScript("client.py").run([
            "--port", "\(story.server.sshPort)", "--key", key.path, "--known-hosts", story.server.knownHosts,
            "git@127.0.0.1", "git-upload-pack \(story.repository.quotedPath)",
        ])
        let tip = try await work.id("main")
        #expect(result.succeeded && result.output.contains(tip), "\(result)")
    }
}
