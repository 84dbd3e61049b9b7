import Foundation
import GranaryTesting
import Testing

extension Story {
    /// Checks with stock git what the server has written beside its packs: every index, bitmap and the commit-graph.
    ///
    /// - Parameter areComplete: whether the tip of `main` has a bitmap, if there are bitmaps.
    func verifyPacks(areComplete: Bool = true, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let directory = repository.storedPath + "/objects/pack"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        var checks: [[String]] = []
        for name in names where name.hasSuffix(".idx") {
            let base = "\(directory)/\(name.dropLast(4))"
            checks.append(["verify-pack", base + ".idx"])
            checks.append(["index-pack", "--verify", base + ".pack"])
        }
        let count = ["rev-list", "--objects", "--count", "--all"]
        let (walked, counted) = try await (
            server.storedGit(repository, count), server.storedGit(repository, count + ["--use-bitmap-index"])
        )
        #expect(counted.succeeded && counted.output == walked.output, "\(counted)", sourceLocation: sourceLocation)
        if areComplete, names.contains(where: { $0.hasSuffix(".bitmap") }) {
            checks.append(["rev-list", "--use-bitmap-index", "--test-bitmap", "main"])
        }
        checks.append(["commit-graph", "verify"])
        for check in checks {
            let result = try await server.storedGit(repository, check)
            #expect(result.succeeded, "\(result)", sourceLocation: sourceLocation)
        }
    }
}
