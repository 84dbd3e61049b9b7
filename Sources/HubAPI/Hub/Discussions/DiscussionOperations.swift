import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Discussions and pull requests: lists, one with all that happened in it, opening one.
struct DiscussionOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [list, create, get] + DiscussionChangeOperations(hub: hub).all
    }

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}/{namespace}/{name}/discussions",
            id: "listDiscussions",
            "Discussions and pull requests of a repository, youngest first.",
            tag: .discussions,
            need: .readRepository,
            query: [
                .init("p", .integer, "The number of the page, from 0."),
                .init("limit", .integer, "Discussions of a page, at most."),
                .init("type", .word(["all", "discussion", "pull_request"]), "Only discussions or pull requests."),
                .init("status", .word(["all", "open", "closed"]), "'open' has drafts, 'closed' has merged ones."),
                .init("author", .string, "Only those of this user."),
            ],
            answers: [
                200: .json(
                    .object([
                        .required("count", .integer), .required("start", .integer),
                        .required("numClosedDiscussions", .integer),
                        .required("discussions", .array(Discussions.Topic.schema)),
                    ])
                )
            ]
        ) { call in try await list(call) }
    }

    private func list(_ call: APICall) async throws -> Answer {
        let number = try call.integer("p", in: 0...Int(DiscussionLimits.perRepository), default: 0)
        let range = 1...DiscussionLimits.largestPage
        let limit = try call.integer("limit", in: range, default: DiscussionLimits.page)
        let page = try await hub.discussions.page(
            of: try call.repository(),
            isPullRequest: try Self.isPullRequest(call.query.first("type")),
            statuses: try Self.statuses(call.query.first("status")),
            author: call.query.first("author").flatMap { $0.isEmpty ? nil : $0 },
            number: number,
            limit: limit,
            by: call.actor
        )
        let hasMore = page.start + page.discussions.count < page.count && !page.discussions.isEmpty
        return .json(
            [
                "count": JSONValue(page.count), "start": JSONValue(page.start),
                "numClosedDiscussions": JSONValue(page.closedCount),
                "discussions": .array(page.discussions.map { Discussions.Topic.json($0, page.repository) }),
            ],
            headers: hasMore ? call.next(cursor: String(number + 1), named: "p") : [:]
        )
    }

    private static func isPullRequest(_ text: String?) throws -> Bool? {
        switch text {
        case nil, "", "all": nil
        case "discussion": false
        case "pull_request": true
        default: throw HTTPFailure(.badRequest, "The type is 'all', 'discussion' or 'pull_request'.")
        }
    }

    private static func statuses(_ text: String?) throws -> [DiscussionRecord.Status] {
        switch text {
        case nil, "", "all": []
        case "open": [.open, .draft]
        case "closed": [.closed, .merged]
        default: throw HTTPFailure(.badRequest, "The status is 'all', 'open' or 'closed'.")
        }
    }

    private var create: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/discussions",
            id: "createDiscussion",
            "Opens a discussion, or a pull request as a draft.",
            tag: .discussions,
            need: .login,
            body: .json(
                .object([
                    .required("title", .string), .optional("description", .nullable(.string)),
                    .optional("pullRequest", .nullable(.boolean)),
                ])
            ),
            answers: [200: .json(.object(Discussions.Topic.members + [.required("url", .string)]))]
        ) { call in
            let body = try await call.object()
            let title = try body.text("title")
            let description = try body.textIfThere("description")
            let isPullRequest = try body.flagIfThere("pullRequest") ?? false
            let (discussions, address) = (hub.discussions, try call.repository())
            let topic =
                isPullRequest
                ? try await discussions.openPullRequest(title, description: description, in: address, by: call.actor)
                : try await discussions.open(title, description: description, in: address, by: call.actor)
            return .json(topic.json.adding("url", .string("\(call.base)/\(topic.path)")))
        }
    }

    private var get: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}/{namespace}/{name}/discussions/{num}",
            id: "getDiscussion",
            "A discussion or pull request with all that happened in it.",
            tag: .discussions,
            need: .readRepository,
            query: [.init("diff", .boolean, "Whether the changes of a pull request are told.")],
            answers: [200: .json(Discussions.Details.schema)]
        ) { call in
            let (address, num) = (try call.repository(), try call.discussionNumber())
            // Conflicts and changes are looked for in the repository, as git does for a fetch.
            return try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) {
                let details = try await hub.discussions.details(
                    of: num,
                    in: address,
                    wantsDiff: call.flag("diff"),
                    by: call.actor
                )
                return .json(details.json)
            }
        }
    }
}

extension APICall {
    /// The number of a discussion in the path.
    ///
    /// - Throws: 404 for what no discussion has.
    func discussionNumber() throws -> Int64 {
        let text = parameter("num")
        guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(text)
        else { throw HTTPFailure(.notFound, "There is no such discussion.") }
        return number
    }
}
