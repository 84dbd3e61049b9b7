import Foundation
import GranaryTesting
import Testing

/// Likes, overviews and followers tell nobody of what they may not see.
@Suite("People over REST", .serialized, .sharedServer)
struct PeopleOverREST {
    private func get(_ story: Story, _ path: String, as person: Person? = nil) async throws -> HTTPAnswer {
        try await story.server.curl("GET", path, headers: person.map { [$0.bearer] } ?? [])
    }

    private func send(_ method: String, _ story: Story, _ path: String, as person: Person) async throws -> Int {
        try await story.server.curl(method, path, headers: [person.bearer]).status
    }

    private func list(_ answer: HTTPAnswer) throws -> [[String: Any]] {
        try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]], "\(answer)")
    }

    @Test func likesAreCountedOnceAndStayPrivate() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        let path = "/api/models/alice/\(story.repository.name)"
        let eve = try await story.server.addPerson(Story.freshName("person"))
        for _ in 0..<2 { #expect(try await send("POST", story, path + "/like", as: eve) == 200) }
        #expect(try await get(story, path).json["likes"] as? Int == 1)
        let likers = try list(try await get(story, path + "/likers"))
        #expect(likers.compactMap { $0["user"] as? String } == [eve.name])
        let likes = "/api/users/\(eve.name)/likes"
        #expect(try list(try await get(story, likes)).count == 1)
        try await story.server.granary("repo", "set", story.repository.address, "--private")
        #expect(try list(try await get(story, likes)).isEmpty)
        #expect(try list(try await get(story, likes, as: story.owner)).count == 1)
        let overview = try await get(story, "/api/users/\(eve.name)/overview")
        #expect(overview.json["numLikes"] as? Int == 0, "\(overview)")
        #expect(try await send("DELETE", story, path + "/like", as: eve) == 404)
        try await story.server.granary("repo", "set", story.repository.address, "--public")
        for _ in 0..<2 { #expect(try await send("DELETE", story, path + "/like", as: eve) == 200) }
        #expect(try await get(story, path).json["likes"] as? Int == 0)
    }

    @Test func listsArePaged() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        let path = "/api/models/alice/\(story.repository.name)"
        var names: [String] = []
        for _ in 0..<5 {
            let person = try await story.server.addPerson(Story.freshName("person"))
            #expect(try await send("POST", story, path + "/like", as: person) == 200)
            names.append(person.name)
        }
        var (found, next) = ([String](), Optional(path + "/likers?limit=2"))
        while let page = next {
            let answer = try await get(story, page)
            found += try list(answer).compactMap { $0["user"] as? String }
            next = answer["link"]?.split(separator: ">").first.map {
                String($0.dropFirst(1 + story.server.base.count))
            }
        }
        #expect(found == names)
    }

    @Test func overviewsCountWhatTheAskerMaySee() async throws {
        let story = try await Story.begin(isPrivate: false)
        let eve = try await story.server.addPerson(Story.freshName("person"))
        for (name, isPrivate) in [("open", false), ("hidden", true), ("secret", true)] {
            let answer = try await story.server.curl.json(
                "POST",
                "/api/repos/create",
                ["name": name, "private": isPrivate],
                token: eve.secret
            )
            #expect(answer.status == 200, "\(answer)")
        }
        let path = "/api/users/\(eve.name)/overview"
        #expect(try await get(story, path).json["numModels"] as? Int == 1)
        #expect(try await get(story, path, as: story.owner).json["numModels"] as? Int == 1)
        #expect(try await get(story, path, as: eve).json["numModels"] as? Int == 3)
        #expect(try await get(story, "/api/users/nobody-of-this-name/overview").status == 404)
        #expect(try await get(story, "/api/organizations/\(eve.name)/overview").status == 404)
    }

    @Test func followersComeAndGo() async throws {
        let story = try await Story.begin(isPrivate: false)
        let people = [
            try await story.server.addPerson(Story.freshName("person"), role: "admin"),
            try await story.server.addPerson(Story.freshName("person"), role: "admin"),
        ]
        let path = "/api/users/\(people[0].name)"
        #expect(try await send("POST", story, path + "/follow", as: people[0]) == 400)
        for _ in 0..<2 { #expect(try await send("POST", story, path + "/follow", as: people[1]) == 200) }
        #expect(try await get(story, path + "/overview", as: people[1]).json["isFollowing"] as? Bool == true)
        #expect(try await get(story, path + "/overview").json["numFollowers"] as? Int == 1)
        let following = try list(
            try await get(story, "/api/users/\(people[1].name)/following", as: story.owner)
        )
        #expect(following.compactMap { $0["user"] as? String } == [people[0].name])
        #expect(try await get(story, path + "/followers").status == 401)
        // Who is disabled is no longer there.
        try await story.server.granary("user", "disable", people[1].name)
        #expect(try list(try await get(story, path + "/followers", as: story.owner)).isEmpty)
        #expect(try await get(story, path + "/overview").json["numFollowers"] as? Int == 0)
        #expect(try await get(story, "/api/users/\(people[1].name)/overview").status == 404)
        try await story.server.granary("user", "enable", people[1].name)
        #expect(try await send("DELETE", story, path + "/follow", as: people[1]) == 200)
        #expect(try await get(story, path + "/overview").json["numFollowers"] as? Int == 0)
    }
}
