import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// What happens in a discussion: comments, titles, opening and closing.
struct DiscussionChangeOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [comment, edit, hide, rename, setStatus, merge] }

    /// An operation on a discussion that answers with one event.
    private func change(
        _ path: String,
        id: String,
        _ summary: String,
        body: APIOperation.Body,
        answer name: String,
        _ perform: @escaping @Sendable (APICall, RepositoryAddress, Int64) async throws -> Discussions.Event
    ) -> APIOperation {
        APIOperation(
            .post,
            PathTemplate("/api/{repoType}/{namespace}/{name}/discussions/{num}\(path)"),
            id: id,
            summary,
            tag: .discussions,
            need: .login,
            body: body,
            answers: [200: .json(.object([.required(name, Discussions.Event.schema)]))]
        ) { call in
            let event = try await perform(call, try call.repository(), try call.discussionNumber())
            return .json(.object([.init(name, event.json)]))
        }
    }

    private var comment: APIOperation {
        change(
            "/comment",
            id: "commentDiscussion",
            "Adds a comment.",
            body: .json(.object([.required("comment", APISchema.string)])),
            answer: "newMessage"
        ) { call, address, num in
            let text = try await call.object().text("comment")
            return try await hub.discussions.comment(text, on: num, of: address, by: call.actor)
        }
    }

    private var edit: APIOperation {
        change(
            "/comment/{comment}/edit",
            id: "editComment",
            "Gives one's own comment another text; the former one is kept.",
            body: .json(.object([.required("content", APISchema.string)])),
            answer: "updatedComment"
        ) { call, address, num in
            let text = try await call.object().text("content")
            let comment = call.parameter("comment")
            return try await hub.discussions.edit(comment, to: text, on: num, of: address, by: call.actor)
        }
    }

    private var hide: APIOperation {
        change(
            "/comment/{comment}/hide",
            id: "hideComment",
            "Takes a comment away for good.",
            body: .json(.any),
            answer: "updatedComment"
        ) { call, address, num in
            _ = try await call.objectOrNothing()
            return try await hub.discussions.hide(call.parameter("comment"), on: num, of: address, by: call.actor)
        }
    }

    private var rename: APIOperation {
        change(
            "/title",
            id: "renameDiscussion",
            "Gives a discussion another title.",
            body: .json(.object([.required("title", APISchema.string)])),
            answer: "newTitle"
        ) { call, address, num in
            let title = try await call.object().text("title")
            return try await hub.discussions.rename(num, to: title, of: address, by: call.actor)
        }
    }

    private var setStatus: APIOperation {
        change(
            "/status",
            id: "setDiscussionStatus",
            "Opens or closes a discussion; opening a draft publishes it.",
            body: .json(
                .object([
                    .required("status", .word(["open", "closed"])), .optional("comment", .nullable(.string)),
                ])
            ),
            answer: "newStatus"
        ) { call, address, num in
            let body = try await call.object()
            guard let status = DiscussionRecord.Status(rawValue: try body.text("status")) else {
                throw HTTPFailure(.badRequest, "The status is 'open' or 'closed'.")
            }
            let comment = try body.textIfThere("comment")
            return try await hub.discussions.setStatus(status, comment: comment, on: num, of: address, by: call.actor)
        }
    }

    private var merge: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/discussions/{num}/merge",
            id: "mergePullRequest",
            "Merges an open pull request into its branch.",
            tag: .discussions,
            need: .writeRepository,
            body: .json(.any),
            answers: [200: .json(Discussions.Topic.schema)]
        ) { call in
            let (address, num) = (try call.repository(), try call.discussionNumber())
            let comment = try await call.objectOrNothing().textIfThere("comment")
            return try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) {
                let topic = try await hub.discussions.merge(num, of: address, comment: comment, by: call.actor)
                return .json(topic.json)
            }
        }
    }
}
