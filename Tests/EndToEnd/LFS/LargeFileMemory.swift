import GranaryTesting
import Testing

@Suite("Memory does not grow with large files", .serialized, .ownServers)
struct LargeFileMemory {
    private static let size: Int64 = 192 << 20

    @Test(arguments: [false, true])
    func oneAndEightTransfers(isSecure: Bool) async throws {
        let authority = try await CertificateAuthority.make()
        let flags = isSecure ? ["--tls-certificate", authority.certificate, "--tls-key", authority.key] : []
        let story = try await Story.alone(flags)
        let samples = try (0..<8).map { try ObjectSample(size: Self.size / 8, seed: UInt64(31 + $0)) }
        let one = try ObjectSample(size: Self.size, seed: 30)
        let files = try TemporaryDirectory("objects")
        for sample in samples + [one] { try files.write(sample.oid, sample.array()) }
        let git = try story.git().with("http.sslCAInfo=\(authority.authority)")
        _ = try await git.attempt("ls-remote", story.url())
        let transfers = Transfers(story: story, authority: authority.authority, files: files)
        // What is loaded once, such as TLS and the first threads, counts as idle.
        let warm = try ObjectSample(size: 1_000_000, seed: 29)
        try files.write(warm.oid, warm.array())
        try await transfers.upload([warm])
        try await transfers.download([warm])

        let idle = try story.server.measurements().resident
        for (name, objects, bound) in [("one", [one], 16 << 20), ("eight", samples, 64 << 20)] {
            for (verb, run) in [("PUT", transfers.upload), ("GET", transfers.download)] {
                try story.server.resetPeak()
                try await run(objects)
                let peak = try story.server.measurements().peakResident
                print(
                    "memory of \(name) \(verb), \(isSecure ? "TLS" : "plain"): \((peak - idle) >> 20) MiB over \(idle >> 20)"
                )
                #expect(peak < idle + bound, "\(name) \(verb): \((peak - idle) >> 20) MiB more than idle")
            }
        }
        try story.server.resetPeak()
        try await transfers.download([one], flags: ["--limit-rate", "4M", "--max-time", "5"], mayFail: true)
        let peak = try story.server.measurements().peakResident
        #expect(peak < idle + 32 << 20, "a slow reader: \((peak - idle) >> 20) MiB more than idle")
        #expect(try await story.server.stop() == 0)
    }
}

/// Transfers by curl, which keeps nothing in memory.
private struct Transfers: Sendable {
    let story: Story
    let authority: String
    let files: TemporaryDirectory

    func upload(_ samples: [ObjectSample]) async throws {
        try await each(samples) { sample in
            ["--upload-file", files.path(sample.oid), try await link("upload", sample)]
        }
    }

    func download(_ samples: [ObjectSample]) async throws {
        try await download(samples, flags: [], mayFail: false)
    }

    func download(_ samples: [ObjectSample], flags: [String], mayFail: Bool) async throws {
        try await each(samples, mayFail: mayFail) { sample in
            flags + ["--output", "/dev/null", try await link("download", sample)]
        }
    }

    private func link(_ operation: String, _ sample: ObjectSample) async throws -> String {
        var lfs = story.lfs
        lfs.trust(authority)
        return try await lfs.link(operation, sample)
    }

    private func each(
        _ samples: [ObjectSample],
        mayFail: Bool = false,
        _ arguments: @escaping @Sendable (ObjectSample) async throws -> [String]
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sample in samples {
                group.addTask {
                    let common = ["--silent", "--show-error", "--fail", "--noproxy", "*", "--cacert", authority]
                    let result = try await Command("curl", common + arguments(sample)).run()
                    if !mayFail { try result.required() }
                }
            }
            try await group.waitForAll()
        }
    }
}
