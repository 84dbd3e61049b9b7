import GranaryTesting
import Testing

@Suite("Looking into a repository from the command line", .serialized, .sharedServer)
struct ReadingCommands {
    @Test func showWhatGitShows() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("checkout", "--quiet", "-b", "topic")
        let tip = try await work.commit("add odd", ["folder/ödd name.txt": "content\n"])
        try await work("push", "origin", "topic")
        let address = story.repository.address
        let log = try await story.server.granary("repo", "log", address, "topic", "--json")
        for commit in try await work("rev-list", "topic").split(separator: "\n") { #expect(log.contains(commit)) }
        #expect(log.contains("add odd"))
        let files = try await story.server.granary("repo", "files", address, "folder", "--revision", tip)
        #expect(files.contains("ödd name.txt"))
        let path = "folder/ödd name.txt"
        let file = try await story.server.granary("repo", "cat", address, path, "--revision", "topic")
        #expect(file.contains("content"))
        let diff = try await story.server.granary("repo", "diff", address, "main", "topic")
        #expect(diff.contains("A\tfolder/ödd name.txt"), "\(diff)")
    }

    @Test(arguments: [["log", "nowhere"], ["files", "nowhere"], ["cat", "nowhere"], ["diff", "main", "nowhere"]])
    func missingThingsEndWithStatusThree(arguments: [String]) async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let command = ["repo", arguments[0], story.repository.address] + arguments.dropFirst()
        #expect(try await story.server.run(command).status == 3)
    }
}
