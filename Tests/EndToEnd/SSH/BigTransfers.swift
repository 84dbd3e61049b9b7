import GranaryTesting
import Testing

@Suite("Large transfers over SSH", .serialized, .sharedServer)
struct BigTransfers {
    private static let stream = FastImport.incompressible(files: 16, bytesEach: 4 << 20, seed: 321)

    /// The client asks for new keys after every MiB, sixty times in each direction.
    @Test(arguments: ["aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"])
    func sixtyFourMebibytesTravelWithNewKeysAllTheTime(cipher: String) async throws {
        let story = try await Story.begin()
        let ssh = story.ssh.with("Ciphers=\(cipher)").with("RekeyLimit=1M")
        let git = try story.git(.standardSSH).over(ssh).with("core.compression=0")
        let source = try await git.imported("source", Self.stream)
        try await source("push", "--quiet", story.url(.standardSSH), "main")
        let clone = try await git.clone(story.url(.standardSSH), "clone", "--bare")
        #expect(try await clone.objects() == source.objects())
        try await story.verify(equals: source)
    }

    @Test func slowReadersCostBoundedMemoryAndDoNotStopOthers() async throws {
        let story = try await Story.begin()
        let source = try await story.git().with("core.compression=0").imported("source", Self.stream)
        try await source("push", "--quiet", story.url(), "main")
        let start = try story.server.measurements()
        try story.server.resetPeak()
        let files = try TemporaryDirectory("slow")
        var readers: [ChildProcess] = []
        for index in 0..<8 {
            readers.append(try await slowReader(story, source, in: files, index))
        }
        let clone = try await story.git(.standardSSH).clone(story.url(.standardSSH), "clone", "--bare")
        #expect(try await clone.objects() == source.objects())
        let peak = try story.server.measurements().peakResident
        #expect(peak < start.resident + (128 << 20), "peak \(peak >> 20) MiB, before \(start.resident >> 20) MiB")
        for reader in readers {
            #expect(reader.reap() == nil, "a reader ended early")
            await reader.kill()
        }
        let freed = try await eventually {
            let now = try story.server.measurements()
            return now.descriptors <= start.descriptors + 20 && now.threads <= start.threads + 8
        }
        let now = try story.server.measurements()
        #expect(freed, "before \(start), now \(now)")
    }

    /// A clone whose client reads 1,000 bytes and then none.
    private func slowReader(_ story: Story, _ source: GitClient, in files: TemporaryDirectory, _ index: Int)
        async throws
        -> ChildProcess
    {
        var request = PktLines()
        request.line("want \(try await source.id("main")) side-band-64k ofs-delta\n")
        request.flush()
        request.line("done\n")
        let input = try files.write("request-\(index)", request.bytes)
        let remote = "git-upload-pack \(story.repository.quotedPath)".replacing("'", with: "")
        let ssh = "\(story.ssh.shellWords) -p \(story.server.sshPort) git@127.0.0.1 \(remote)"
        let marker = files.path("started-\(index)")
        let script = "\(ssh) < \(input) | (head -c 1000 > \(marker); sleep 100)"
        let process = try Command("sh", ["-c", script]).start(in: files)
        let started = try await eventually { files.contents("started-\(index)").count == 1_000 }
        #expect(started, "no byte came: \(String(decoding: files.contents("stderr"), as: UTF8.self))")
        return process
    }

    /// The server reads no faster than it stores, so that a push costs no more than over HTTP.
    @Test func aPushCostsBoundedMemory() async throws {
        let story = try await Story.begin()
        let git = try story.git(.standardSSH).with("core.compression=0").with("core.bigFileThreshold=1m")
        let source = try await git.imported("source", .incompressible(files: 1, bytesEach: 96 << 20, seed: 322))
        let start = try story.server.measurements()
        try story.server.resetPeak()
        try await source("push", "--quiet", story.url(.standardSSH), "main")
        let peak = try story.server.measurements().peakResident
        #expect(peak < start.resident + (128 << 20), "peak \(peak >> 20) MiB, before \(start.resident >> 20) MiB")
    }
}
