import Foundation
import GranaryTesting
import Testing

@Suite("git-lfs-authenticate", .serialized, .sharedServer)
struct LFSAuthentication {
    private struct Answer: Decodable {
        let href: String
        let header: [String: String]
        let expires_in: Int
        let expires_at: String
    }

    private func ask(_ ssh: SSHClient, _ path: String, _ operation: String) async throws -> CommandResult {
        // Like the real client: without quotes.
        try await ssh("git-lfs-authenticate \(path) \(operation)")
    }

    private func answer(_ result: CommandResult) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(result.required().standardOutput))
    }

    @Test(arguments: ["download", "upload"])
    func theAnswerTellsWhereAndWithWhat(operation: String) async throws {
        let (story, _) = try await Story.common()
        let path = story.repository.path
        for form in [path, path + ".git", String(path.dropFirst()), String(path.dropFirst()) + ".git"] {
            let result = try await ask(story.ssh, form, operation)
            #expect(result.succeeded && result.errorText.isEmpty, "\(form): \(result)")
            let answer = try answer(result)
            let url = try #require(URL(string: answer.href))
            #expect(url.path == "\(path).git/info/lfs", "\(answer.href)")
            #expect(url.port == story.server.httpPort && url.query == nil && url.user == nil, "\(answer.href)")
            let header = try #require(answer.header["Authorization"])
            #expect(header.hasPrefix("RemoteAuth ") && !header.contains(story.owner.secret))
            #expect(answer.header.count == 1)
            #expect(answer.expires_in == 900)
            let format = ISO8601DateFormatter()
            if answer.expires_at.contains(".") { format.formatOptions.insert(.withFractionalSeconds) }
            let end = try #require(format.date(from: answer.expires_at), "\(answer.expires_at)")
            #expect(abs(end.timeIntervalSinceNow - 900) < 60, "\(answer.expires_at)")
        }
    }

    @Test(arguments: ["model", "dataset", "space"])
    func everyTypeOfRepositoryHasItsPath(type: String) async throws {
        let story = try await Story.begin(type: type)
        let answer = try await answer(ask(story.ssh, story.repository.path + ".git", "upload"))
        #expect(answer.href.hasSuffix("\(story.repository.path).git/info/lfs"), "\(answer.href)")
    }

    @Test func everyAnswerHasAnotherToken() async throws {
        let (story, _) = try await Story.common()
        var tokens: Set<String> = []
        for operation in ["download", "upload"] {
            let answer = try await answer(ask(story.ssh, story.repository.path, operation))
            tokens.insert(answer.header["Authorization"] ?? "")
        }
        #expect(tokens.count == 2)
    }

    @Test func refusalsAreOnStandardErrorWithStatus1() async throws {
        let (story, _) = try await Story.common()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let path = story.repository.path
        let stranger = story.server.ssh(as: bob)
        for (ssh, words) in [
            (story.ssh, "/alice/not-there download"), (stranger, "\(path) download"), (stranger, "\(path) upload"),
        ] {
            let result = try await ssh("git-lfs-authenticate \(words)")
            #expect(result.status == 1 && result.standardOutput.isEmpty, "\(words): \(result)")
            #expect(result.errorText.hasPrefix("granary: ") && result.errorText.contains("not found"), "\(result)")
        }
    }

    @Test(arguments: [
        "", "/alice/x", "download", "/alice/x verify", "/alice/x download upload", "/alice/x Download", "/alice/x  ",
        "../x download", "-x download", "/alice/x;id download", "$(id) download", "/alice/x --help", "~/x download",
    ])
    func senselessRequestsAreRefused(words: String) async throws {
        let (story, _) = try await Story.common()
        let result = try await story.ssh("git-lfs-authenticate \(words)")
        #expect([1, 128].contains(result.status) && result.standardOutput.isEmpty, "\(result)")
        #expect(result.errorText.hasPrefix("granary: "), "\(result)")
    }

    @Test func readersAuthenticateForDownloadsOnly() async throws {
        let (story, _) = try await Story.common()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let key = try await SSHKey.make()
        try await story.server.addKey(key, to: story.repository, role: "read")
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "read")
        for ssh in [story.server.ssh(as: bob), story.server.ssh(with: key)] {
            #expect(try await ask(ssh, story.repository.path, "download").succeeded)
            let upload = try await ask(ssh, story.repository.path, "upload")
            #expect(upload.status == 1 && upload.standardOutput.isEmpty, "\(upload)")
            #expect(upload.errorText.hasPrefix("granary: ") && !upload.errorText.contains("not found"), "\(upload)")
        }
    }

    /// The token is for LFS and for nothing else.
    @Test func theTokenOpensNeitherGitNorTheAPI() async throws {
        let (story, _) = try await Story.common()
        let header = try await answer(ask(story.ssh, story.repository.path, "upload")).header["Authorization"] ?? ""
        let token = header.split(separator: " ").last.map(String.init) ?? ""
        for path in [
            "/api/whoami-v2", "\(story.repository.path)/info/refs?service=git-upload-pack",
            "\(story.repository.path).git/info/refs?service=git-receive-pack",
        ] {
            for value in [header, "Bearer \(token)", "token \(token)"] {
                let answer = try await story.server.curl("GET", path, headers: ["Authorization: \(value)"])
                #expect([400, 401].contains(answer.status), "\(path) with \(value.prefix(10)): \(answer)")
            }
            let basic = try await story.server.curl("GET", path, credentials: "alice:\(token)")
            #expect(basic.status == 401, "\(path): \(basic)")
        }
        #expect(!story.server.log.contains(token))
    }

    @Test func renamedRepositoriesGiveThePresentAddress() async throws {
        let story = try await Story.begin()
        let target = "alice/\(Story.freshName("renamed"))"
        try await story.server.granary("repo", "rename", story.repository.address, target)
        let answer = try await answer(ask(story.ssh, story.repository.path, "download"))
        #expect(answer.href.hasSuffix("/\(target).git/info/lfs"), "\(answer.href)")
    }

    /// Git LFS 3.0 to 3.4 ask for `git-lfs-transfer` first, and for this command when that was refused.
    @Test func pureSSHTransfersGreetOrAreRefusedCleanly() async throws {
        let (story, _) = try await Story.common()
        let command = "git-lfs-transfer \(story.repository.path) download"
        let greeting = try await story.ssh(command, input: Array("0008quit0000".utf8))
        #expect(greeting.output.contains("version=1") && greeting.errorText.isEmpty, "\(greeting)")
        let result = try await story.ssh("git-lfs-transfer alice/nothing download")
        #expect(result.status == 128 && result.standardOutput.isEmpty, "\(result)")
        #expect(result.errorText == "granary: the repository was not found", "\(result)")
    }
}
