import Foundation
import GranaryTesting
import Testing

/// Collections show nobody what they may not see, and keep their order.
@Suite("Collections over REST", .serialized, .sharedServer)
struct CollectionsOverREST {
    private struct Scene {
        let server: GranaryServer
        let owner: Person
        let eve: Person

        init() async throws {
            server = try SharedServer.running.server
            owner = try await server.addPerson(Story.freshName("person"))
            eve = try await server.addPerson(Story.freshName("person"))
        }

        func call(
            _ method: String,
            _ path: String,
            _ body: [String: any Sendable]? = nil,
            as person: Person?
        ) async throws -> HTTPAnswer {
            try await server.curl.json(method, "/api/collections\(path)", body, token: person?.secret)
        }

        func repository(isPrivate: Bool = false) async throws -> String {
            let name = Story.freshName()
            _ = try await server.addRepository("model", owner.name, name, isPrivate: isPrivate)
            return "\(owner.name)/\(name)"
        }

        func collection(_ title: String = Story.freshName("Things"), isPrivate: Bool = false) async throws -> String {
            let body: [String: any Sendable] = ["title": title, "namespace": owner.name, "private": isPrivate]
            let answer = try await call("POST", "", body, as: owner)
            return try #require(answer.json["slug"] as? String, "\(answer)")
        }

        func add(_ id: String, to slug: String, _ type: String = "model") async throws -> HTTPAnswer {
            let item: [String: any Sendable] = ["id": id, "type": type]
            return try await call("POST", "/\(slug)/items", ["item": item], as: owner)
        }

        func ids(_ slug: String, as person: Person?) async throws -> [String] {
            let answer = try await call("GET", "/\(slug)", as: person)
            return (answer.json["items"] as? [[String: Any]])?.compactMap { $0["id"] as? String } ?? []
        }
    }

    @Test func itemsKeepTheirOrderThroughMovesAndDeletions() async throws {
        let scene = try await Scene()
        let slug = try await scene.collection()
        var repositories: [String] = []
        for _ in 0..<4 { repositories.append(try await scene.repository()) }
        for id in repositories { #expect(try await scene.add(id, to: slug).status == 200) }
        #expect(try await scene.ids(slug, as: nil) == repositories)
        #expect(try await scene.add(repositories[0], to: slug).status == 409)
        let items = try await scene.call("GET", "/\(slug)", as: nil).json["items"] as? [[String: Any]]
        let last = try #require(items?.last?["_id"] as? String)
        for (position, expected) in [(0, [3, 0, 1, 2]), (2, [0, 1, 3, 2]), (99, [0, 1, 2, 3]), (-5, [3, 0, 1, 2])] {
            let moved = try await scene.call("PATCH", "/\(slug)/items/\(last)", ["position": position], as: scene.owner)
            #expect(moved.status == 200, "\(moved)")
            #expect(try await scene.ids(slug, as: nil) == expected.map { repositories[$0] })
        }
        // What is deleted leaves; what moves stays.
        let parts = repositories[0].split(separator: "/").map(String.init)
        try await scene.server.granary("repo", "delete", "model/\(repositories[0])", "--yes")
        try await scene.server.granary("repo", "rename", "model/\(repositories[1])", "\(parts[1])-new")
        let now = [repositories[3], "\(parts[0])/\(parts[1])-new", repositories[2]]
        #expect(try await scene.ids(slug, as: nil) == now)
    }

    @Test func hiddenThingsAreLikeMissingOnes() async throws {
        let scene = try await Scene()
        let (slug, hidden) = (try await scene.collection(), try await scene.collection(isPrivate: true))
        let (open, secret) = (try await scene.repository(), try await scene.repository(isPrivate: true))
        for id in [secret, open] { _ = try await scene.add(id, to: slug) }
        _ = try await scene.add(hidden, to: slug, "collection")
        #expect(try await scene.ids(slug, as: scene.owner).count == 3)
        #expect(try await scene.ids(slug, as: scene.eve) == [open])
        #expect(try await scene.ids(slug, as: nil) == [open])
        for person in [scene.eve, nil] {
            let answers = [
                try await scene.call("GET", "/\(hidden)", as: person),
                try await scene.call("GET", "/\(hidden.dropLast(4))0000", as: person),
            ]
            #expect(answers[0].status == 404 && answers[0].text == answers[1].text, "\(answers)")
        }
        #expect(try await scene.call("PATCH", "/\(hidden)", ["title": "mine"], as: scene.eve).status == 404)
        #expect(try await scene.call("PATCH", "/\(slug)", ["title": "mine"], as: scene.eve).status == 403)
        #expect(try await scene.call("DELETE", "/\(slug)", as: scene.eve).status == 403)
        #expect(try await scene.call("DELETE", "/\(slug)", as: nil).status == 401)
        // Lists tell no more: neither that it is there, nor what has the secret repository.
        let lists = ["?owner=\(scene.owner.name)", "?item=models/\(secret)", ""]
        for list in lists {
            let text = try await scene.call("GET", list, as: scene.eve).text
            #expect(!text.contains(hidden) && !text.contains(secret), "\(list)")
        }
        #expect(try await scene.call("GET", "?item=models/\(secret)", as: scene.eve).text == "[]")
        #expect(try await scene.call("GET", "?item=models/\(secret)", as: scene.owner).text.contains(slug))
    }

    @Test func listsArePagedByTheirLastChange() async throws {
        let scene = try await Scene()
        var slugs: [String] = []
        for _ in 0..<5 { slugs.append(try await scene.collection()) }
        _ = try await scene.add("2307.09288", to: slugs[1], "paper")
        let expected = [slugs[1], slugs[4], slugs[3], slugs[2], slugs[0]]
        var (found, next) = ([String](), Optional("?owner=\(scene.owner.name)&limit=2"))
        while let page = next {
            let answer = try await scene.call("GET", page, as: scene.eve)
            let rows = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]]
            found += rows?.compactMap { $0["slug"] as? String } ?? []
            next = answer["link"]?.split(separator: ">").first.map {
                String($0.dropFirst(1 + scene.server.base.count + "/api/collections".count))
            }
        }
        #expect(found == expected)
    }

    @Test func textsHaveBoundsAndTitlesMayChange() async throws {
        let scene = try await Scene()
        let title = Story.freshName("Ünïque <b>")
        let slug = try await scene.collection(title)
        let again = try await scene.call("POST", "", ["title": title, "namespace": scene.owner.name], as: scene.owner)
        #expect(again.status == 409 && again.json["slug"] as? String == slug, "\(again)")
        let changed = try await scene.call("PATCH", "/\(slug)", ["title": "Other"], as: scene.owner)
        let data = try #require(changed.json["data"] as? [String: Any])
        #expect((data["slug"] as? String)?.hasPrefix("\(scene.owner.name)/other-") == true)
        #expect(try await scene.call("GET", "/\(slug)", as: nil).status == 200)
        let wrong: [[String: any Sendable]] = [
            ["title": String(repeating: "x", count: 61)], ["title": " "], ["theme": "mauve"],
            ["description": String(repeating: "x", count: 151)], ["position": "first"],
        ]
        for body in wrong {
            #expect(try await scene.call("PATCH", "/\(slug)", body, as: scene.owner).status == 400, "\(body)")
        }
        for (id, type) in [("../x", "paper"), ("1", "paper"), ("a", "model"), (slug, "collection"), ("a/b", "bucket")] {
            let status = try await scene.add(id, to: slug, type).status
            #expect([400, 404].contains(status), "\(id)")
        }
    }
}
