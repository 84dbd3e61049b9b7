import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Users and organisations as everybody sees them, and who follows whom.
struct PeopleOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            userOverview, organizationOverview,
            list("/api/organizations/{name}/members", id: "listMembers", "The members of an organization.") {
                .members(organization: $0)
            },
            list(
                "/api/organizations/{name}/followers",
                id: "listFollowersOfOrganization",
                "Who follows an organization."
            ) {
                .followersOfOrganization($0)
            },
            list("/api/users/{name}/followers", id: "listFollowers", "Who follows a user.") { .followers(user: $0) },
            list("/api/users/{name}/following", id: "listFollowing", "Whom a user follows.") { .following(user: $0) },
            following(.post, "/api/users/{name}/follow", true, id: "followUser", "Begins to follow a user."),
            following(.delete, "/api/users/{name}/follow", false, id: "unfollowUser", "Ceases to follow a user."),
            following(
                .post,
                "/api/organizations/{name}/follow",
                true,
                id: "followOrganization",
                "Begins to follow an organization."
            ),
            following(
                .delete,
                "/api/organizations/{name}/follow",
                false,
                id: "unfollowOrganization",
                "Ceases to follow an organization."
            ),
        ]
    }

    private static let counts: [APISchema.Member] = [
        .required("avatarUrl", .string), .required("isFollowing", .boolean), .required("numModels", .integer),
        .required("numDatasets", .integer), .required("numSpaces", .integer), .required("numFollowers", .integer),
        .required("createdAt", .date),
    ]

    private var userOverview: APIOperation {
        let organization = APISchema.object([.required("name", .string), .required("fullname", .string)])
        return APIOperation(
            .get,
            "/api/users/{name}/overview",
            id: "getUserOverview",
            "A user in numbers.",
            tag: .accounts,
            need: .nothing,
            answers: [
                200: .json(
                    .object(
                        [
                            .required("user", .string), .required("fullname", .string),
                            .required("type", .word(["user"])), .required("isPro", .boolean),
                            .required("numLikes", .integer), .required("numFollowing", .integer),
                            .required("orgs", .array(organization)),
                        ] + Self.counts
                    )
                )
            ]
        ) { call in
            let user = try await hub.profiles.user(call.parameter("name"), by: call.actor)
            let own: [JSONValue.Member] = [
                .init("user", .string(user.name)), .init("fullname", .string(user.fullName ?? user.name)),
                .init("type", "user"), .init("isPro", false), .init("numLikes", JSONValue(Int64(user.likes))),
                .init("numFollowing", JSONValue(Int64(user.following))),
                .init("orgs", .array(user.organizations.map { ["name": .string($0), "fullname": .string($0)] })),
            ]
            return .json(.object(own + user.counts))
        }
    }

    private var organizationOverview: APIOperation {
        APIOperation(
            .get,
            "/api/organizations/{name}/overview",
            id: "getOrganizationOverview",
            "An organization in numbers.",
            tag: .accounts,
            need: .nothing,
            answers: [
                200: .json(
                    .object(
                        [
                            .required("name", .string), .required("fullname", .string),
                            .required("type", .word(["org"])), .required("isVerified", .boolean),
                            .required("numUsers", .integer),
                        ] + Self.counts
                    )
                )
            ]
        ) { call in
            let organization = try await hub.profiles.organization(call.parameter("name"), by: call.actor)
            let own: [JSONValue.Member] = [
                .init("name", .string(organization.name)), .init("fullname", .string(organization.name)),
                .init("type", "org"), .init("isVerified", false),
                .init("numUsers", JSONValue(Int64(organization.members))),
            ]
            return .json(.object(own + organization.counts))
        }
    }

    private func list(
        _ path: PathTemplate,
        id: String,
        _ summary: String,
        _ kind: @escaping @Sendable (String) -> Profiles.List
    ) -> APIOperation {
        APIOperation(
            .get,
            path,
            id: id,
            summary,
            tag: .accounts,
            need: .login,
            query: PeopleAnswer.paging,
            answers: [200: .json(.array(PeopleAnswer.person))]
        ) { call in
            let limit = try PeopleAnswer.limit(call)
            let people = try await hub.profiles.people(
                kind(call.parameter("name")),
                after: call.query.first("cursor"),
                limit: limit,
                by: call.actor
            )
            return PeopleAnswer.page(people, limit: limit, call)
        }
    }

    private func following(
        _ method: HTTPRequest.Method,
        _ path: PathTemplate,
        _ follows: Bool,
        id: String,
        _ summary: String
    ) -> APIOperation {
        let isUser = path.description.hasPrefix("/api/users/")
        return APIOperation(
            method,
            path,
            id: id,
            summary,
            tag: .accounts,
            need: .ownAccount,
            answers: [200: .json(.object([]))]
        ) { call in
            try await hub.profiles.setFollow(follows, call.parameter("name"), isUser: isUser, by: call.actor)
            return .json([:])
        }
    }
}

extension Profiles.Overview {
    /// What users and organisations are told with.
    fileprivate var counts: [JSONValue.Member] {
        func count(_ type: RepositoryType) -> JSONValue { JSONValue(Int64(repositories[type] ?? 0)) }
        return [
            .init("avatarUrl", ""), .init("isFollowing", JSONValue(isFollowing)), .init("numModels", count(.model)),
            .init("numDatasets", count(.dataset)), .init("numSpaces", count(.space)),
            .init("numFollowers", JSONValue(Int64(followers))), .init("createdAt", .string(createdAt.description)),
        ]
    }
}
