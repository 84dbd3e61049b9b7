import Access
import HubCore
import JSON
import Metadata

extension Discussions.Topic {
    /// The discussion as lists have it.
    var json: JSONValue { Self.json(discussion, repository) }

    /// The same of a row that was read with its repository.
    static func json(_ discussion: DiscussionRecord, _ repository: RepositoryRecord) -> JSONValue {
        let opening: JSONValue = ["num": JSONValue(discussion.num), "title": .string(discussion.title)]
        return opening.adding("author", ifThere: author(discussion.authorName))
            .adding("createdAt", .string(discussion.createdAt.description))
            .adding("status", .string(discussion.status.rawValue))
            .adding("isPullRequest", JSONValue(discussion.isPullRequest))
            .adding(
                "repo",
                ["name": .string(repository.address.id), "type": .string(repository.type.rawValue)]
            )
    }

    /// Where people read it, below the hub's base.
    var path: String { "\(repository.address.path)/discussions/\(discussion.num)" }

    static let schema = APISchema.object(members)

    static let members: [APISchema.Member] = [
        .required("num", .integer), .required("title", .string), .optional("author", authorSchema),
        .required("createdAt", .date), .required("status", .word(DiscussionRecord.Status.allCases.map(\.rawValue))),
        .required("isPullRequest", .boolean),
        .required("repo", .object([.required("name", .string), .required("type", .string)])),
    ]

    static let authorSchema = APISchema.object([.required("name", .string)])
}

/// Somebody by name; nothing for an account that is gone, as clients know by the member's absence.
private func author(_ name: String?) -> JSONValue? {
    name.map { ["name": .string($0)] }
}

extension Discussions.Event {
    /// The event as clients read it.
    var json: JSONValue {
        let opening: JSONValue = [
            "id": .string(event.id.text), "type": .string(event.kind.rawValue),
            "createdAt": .string(event.createdAt.description),
        ]
        return opening.adding("author", ifThere: author(event.authorName)).adding("data", data)
    }

    private var data: JSONValue {
        switch event.kind {
        case .comment: comment
        case .statusChange: ["status": .string(event.content)]
        case .titleChange: ["from": .string(event.detail ?? ""), "to": .string(event.content)]
        case .commit: ["subject": .string(event.content), "oid": .string(event.detail ?? "")]
        }
    }

    /// What stands in place of a comment that was taken away.
    private static let hidden = "This comment has been hidden"

    private var comment: JSONValue {
        let text = event.isHidden ? Self.hidden : event.content
        return [
            "edited": JSONValue(event.edits > 0), "hidden": JSONValue(event.isHidden),
            "latest": Self.version(text, event.updatedAt, event.editorName),
            "history": .array(edits.map { Self.version($0.content, $0.writtenAt, $0.authorName) }),
            "numEdits": JSONValue(event.edits),
        ]
    }

    /// The page that shows `html` is not ours alone, so it is text: what was written is shown as it was written.
    private static func version(_ text: String, _ moment: Timestamp, _ name: String?) -> JSONValue {
        let version: JSONValue = [
            "raw": .string(text), "html": .string("<p>\(text.escapedForHTML)</p>"),
            "updatedAt": .string(moment.description),
        ]
        return version.adding("author", ifThere: author(name))
    }

    static let schema = APISchema.object([
        .required("id", .string),
        .required("type", .word(DiscussionEventRecord.Kind.allCases.map(\.rawValue))),
        .required("createdAt", .date), .optional("author", Discussions.Topic.authorSchema),
        .required(
            "data",
            .object([
                .optional("edited", .boolean), .optional("hidden", .boolean), .optional("latest", versionSchema),
                .optional("history", .array(versionSchema)), .optional("numEdits", .integer),
                .optional("status", .string), .optional("from", .string), .optional("to", .string),
                .optional("subject", .string), .optional("oid", .string),
            ])
        ),
    ])

    private static let versionSchema = APISchema.object([
        .required("raw", .string), .required("html", .string), .required("updatedAt", .date),
        .optional("author", Discussions.Topic.authorSchema),
    ])
}

extension Discussions.Details {
    /// The discussion with its events, and for pull requests with what they change.
    var json: JSONValue {
        let answer = topic.json.adding("events", .array(events.map(\.json)))
        guard let conflicts else { return answer }
        let base: JSONValue = ["base": .string(topic.discussion.baseRef ?? "refs/heads/main")]
        let merged = topic.discussion.mergeCommit.map(JSONValue.string)
        return answer.adding("changes", base.adding("mergeCommitId", ifThere: merged))
            .adding("filesWithConflicts", conflicts.json)
            .adding("diff", ifThere: diff.map(JSONValue.string))
    }

    static let schema = APISchema.object(
        Discussions.Topic.members + [
            .required("events", .array(Discussions.Event.schema)),
            .optional(
                "changes",
                .object([.required("base", .string), .optional("mergeCommitId", .string)])
            ),
            .optional("filesWithConflicts", .any), .optional("diff", .string),
        ]
    )
}

extension Discussions.Conflicts {
    fileprivate var json: JSONValue {
        switch self {
        case .files(let paths): JSONValue(paths)
        case .untold: true
        }
    }
}
