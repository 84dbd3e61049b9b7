import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Liking repositories.
struct LikeOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            setting(.post, true, id: "likeRepository", "Notes that one likes a repository."),
            setting(.delete, false, id: "unlikeRepository", "Notes that one likes a repository no longer."),
            likers, likes,
        ]
    }

    private func setting(_ method: HTTPRequest.Method, _ isLiked: Bool, id: String, _ summary: String) -> APIOperation {
        APIOperation(
            method,
            "/api/{repoType}/{namespace}/{name}/like",
            id: id,
            summary,
            tag: .lists,
            need: .participate,
            answers: [200: .json(.object([]))]
        ) { call in
            try await hub.likes.set(isLiked, try call.repository(), by: call.actor)
            return .json([:])
        }
    }

    private var likers: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}/{namespace}/{name}/likers",
            id: "listLikers",
            "Who likes a repository.",
            tag: .lists,
            need: .readRepository,
            query: PeopleAnswer.paging,
            answers: [200: .json(.array(PeopleAnswer.person))]
        ) { call in
            let limit = try PeopleAnswer.limit(call)
            let people = try await hub.likes.likers(
                try call.repository(),
                after: call.query.first("cursor"),
                limit: limit,
                by: call.actor
            )
            return PeopleAnswer.page(people, limit: limit, call)
        }
    }

    private var likes: APIOperation {
        APIOperation(
            .get,
            "/api/users/{user}/likes",
            id: "listLikes",
            "The repositories that a user likes, as far as the asker may see them.",
            tag: .lists,
            need: .nothing,
            query: PeopleAnswer.paging,
            answers: [
                200: .json(
                    .array(
                        .object([
                            .required("createdAt", .date),
                            .required("repo", .object([.required("name", .string), .required("type", .string)])),
                        ])
                    )
                )
            ]
        ) { call in
            let after = try call.query.first("cursor").map { text in
                guard let id = RecordID(text) else { throw HTTPFailure(.badRequest, "The cursor is not one of ours.") }
                return id
            }
            let page = try await hub.likes.likes(
                of: call.parameter("user"),
                after: after,
                limit: try PeopleAnswer.limit(call),
                by: call.actor
            )
            let likes = page.likes.map { like, repository -> JSONValue in
                let address = repository.address
                return [
                    "createdAt": .string(like.createdAt.description),
                    "repo": ["name": .string(address.id), "type": .string(address.type.rawValue)],
                ]
            }
            return .json(.array(likes), headers: page.next.map { call.next(cursor: $0.text) } ?? [:])
        }
    }
}

/// Lists of people as clients read them.
enum PeopleAnswer {
    static let paging: [APIOperation.Parameter] = [
        .init("limit", .integer, "Entries of a page, at most."), .init("cursor", .string, "Where the page begins."),
    ]

    static let person = APISchema.object([
        .required("user", .string), .required("fullname", .string), .required("avatarUrl", .string),
        .required("isPro", .boolean), .required("type", .word(["user"])),
    ])

    static func limit(_ call: APICall) throws -> Int {
        try call.integer("limit", in: 1...Profiles.largestPage, default: 500)
    }

    static func page(_ people: [PersonRecord], limit: Int, _ call: APICall) -> Answer {
        let next = people.count == limit ? people.last.map { call.next(cursor: $0.cursor) } : nil
        return .json(.array(people.map(json)), headers: next ?? [:])
    }

    private static func json(_ person: PersonRecord) -> JSONValue {
        [
            "user": .string(person.name), "fullname": .string(person.fullName ?? person.name), "avatarUrl": "",
            "isPro": false, "type": "user",
        ]
    }
}
