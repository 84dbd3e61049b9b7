import Access
import JSON
import Metadata
import NIOCore

/// What webhooks tell of an event: made once for all of them, with what is their own added when it is sent.
///
/// - Source: Hugging Face's payloads of version 3.
struct WebhookPayload {
    let event: EventRecord
    let news: WebhookNews
    let scene: WebhookScene
    let records: Records

    /// What is kept of the event; nil when what it is about is gone.
    func record() throws -> WebhookEventRecord? {
        guard let payload = try payload() else { return nil }
        return WebhookEventRecord(
            id: event.id,
            scope: news.scope,
            action: news.action,
            repositoryID: scene.repositoryID,
            namespaceID: scene.namespaceID,
            visibility: scene.visibility,
            granted: scene.granted.map(\.text).joined(separator: " "),
            payload: String(buffer: payload.encoded()),
            createdAt: event.createdAt
        )
    }

    private func payload() throws -> JSONValue? {
        let live = try records.repository(id: scene.repositoryID)
        let details = Self.details(of: event)
        let refs = Self.refs(in: details)
        var payload: JSONValue = [
            "event": ["action": .string(news.action), "scope": .string(news.scope)],
            "repo": try repository(live, details, refs),
        ]
        switch news.scope {
        case "repo.content":
            payload = payload.adding("updatedRefs", .array(refs.map(\.json)))
            if let count = details["count"]?.integer, count > refs.count {
                payload = payload.adding("updatedRefsCount", .integer(count))
            }
        case "repo.config":
            let changesWho = ["repository.visibility.changed", "repository.access.changed"].contains(event.kind)
            let isPrivate = (live?.visibility ?? scene.visibility) == .private
            payload = payload.adding("updatedConfig", changesWho ? ["private": JSONValue(isPrivate)] : [:])
        case "repo":
            guard news.action == "move" else { break }
            payload = payload.adding(
                "movedTo",
                ["name": .string(scene.address.id), "owner": Self.id(scene.namespaceID)]
            )
        default:
            guard let talk = try talk(details) else { return nil }
            payload = payload.adding("discussion", talk.discussion).adding("comment", ifThere: talk.comment)
        }
        return payload
    }

    private static func details(of event: EventRecord) -> JSONValue {
        var limits = JSONLimits(bytes: 16 << 20)
        limits.values = 1_000_000
        return (try? JSONValue(parsing: Array(event.payload.utf8), limits: limits)) ?? [:]
    }

    private static func id(_ id: RecordID?) -> JSONValue { ["id": .string(id?.text ?? "deleted")] }

    private func repository(_ live: RepositoryRecord?, _ details: JSONValue, _ refs: [Ref]) throws -> JSONValue {
        // A move tells of the repository where it was.
        let former = details["from"]?.text.flatMap { try? RepositoryAddress(parsing: $0) }
        let address = former ?? live?.address ?? scene.address
        let ownerID = former == nil ? live?.namespaceID ?? scene.namespaceID : scene.formerNamespaceID
        let repository: JSONValue = [
            "type": .string(address.type.rawValue), "name": .string(address.id),
            "id": .string(scene.repositoryID.text),
            "private": JSONValue((live?.visibility ?? scene.visibility) == .private),
        ]
        let head = news.domain == .repo ? try head(of: live, refs) : nil
        return repository.adding("headSha", ifThere: head.map(JSONValue.string))
            .adding("owner", Self.id(ownerID))
            .adding("url", ["web": .string("/\(address.path)"), "api": .string(Self.api(address))])
    }

    private static func api(_ address: RepositoryAddress) -> String {
        "/api/\(address.type.pathSegment)/\(address.id)"
    }

    private func head(of live: RepositoryRecord?, _ refs: [Ref]) throws -> String? {
        guard let live else { return nil }
        if let moved = refs.last(where: { $0.name == live.headTarget }) { return moved.new }
        return try records.ref(repositoryID: live.id, name: live.headTarget)?.oid
    }
}

extension WebhookPayload {
    /// A ref of a push.
    fileprivate struct Ref {
        let name: String
        let old: String?
        let new: String?

        var json: JSONValue { ["ref": .string(name), "oldSha": JSONValue(old), "newSha": JSONValue(new)] }
    }

    /// The refs of a push, as many as are told.
    private static func refs(in details: JSONValue) -> [Ref] {
        var bytes = 0
        return (details["refs"]?.elements ?? []).compactMap { ref in
            guard let name = ref["ref"]?.text else { return nil }
            return Ref(name: name, old: oid(ref["old"]), new: oid(ref["new"]))
        }.prefix { ref in
            bytes += ref.name.utf8.count + 120
            return bytes <= WebhookLimits.refBytes
        }
    }

    /// Nothing but zeros stands for no object.
    private static func oid(_ value: JSONValue?) -> String? {
        value?.text.flatMap { $0.utf8.allSatisfy { $0 == UInt8(ascii: "0") } ? nil : $0 }
    }

    private func talk(_ details: JSONValue) throws -> (discussion: JSONValue, comment: JSONValue?)? {
        guard let num = details["num"]?.text.flatMap({ Int64($0) }),
            let topic = try records.discussion(repositoryID: scene.repositoryID, num: num)
        else { return nil }
        let address = try records.repository(id: scene.repositoryID)?.address ?? scene.address
        let discussion: JSONValue = [
            "id": .string(topic.id.text), "num": .integer(num), "title": .string(topic.title),
            "status": .string(topic.status.rawValue), "isPullRequest": JSONValue(topic.isPullRequest),
            "author": Self.id(topic.authorID),
            "url": [
                "web": "/\(address.path)/discussions/\(num)", "api": "\(Self.api(address))/discussions/\(num)",
            ],
        ]
        let changes = topic.baseRef.map { base -> JSONValue in
            let changes: JSONValue = ["base": .string(base)]
            return changes.adding("mergeCommitId", ifThere: topic.mergeCommit.map(JSONValue.string))
        }
        let comment = try details["comment"]?.text.flatMap { RecordID($0) }.flatMap {
            try records.discussionEvent(discussionID: topic.id, id: $0)
        }
        guard news.scope != "discussion.comment" || comment != nil else { return nil }
        return (
            discussion.adding("changes", ifThere: changes),
            comment.map { comment in
                [
                    "id": .string(comment.id.text), "author": Self.id(comment.authorID),
                    "url": ["web": "/\(address.path)/discussions/\(num)#\(comment.id.text)"],
                ]
            }
        )
    }
}

extension WebhookEventRecord {
    /// The body that a webhook is sent: with URLs that lead to the hub, and what a comment says now.
    ///
    /// A comment that was hidden in between is not told any more.
    func body(for webhook: WebhookRecord, base: String, in records: Records) throws -> JSONValue {
        let payload = (try? JSONValue(parsing: Array(payload.utf8), limits: JSONLimits(bytes: 1 << 20))) ?? [:]
        let members = try (payload.members ?? []).flatMap { member -> [JSONValue.Member] in
            let value = Self.absolute(member.value, base)
            switch member.name {
            case "repo":
                return [.init("repo", value), .init("webhook", ["id": .string(webhook.id.text), "version": 3])]
            case "comment": return [.init("comment", try comment(value, of: payload["discussion"], in: records))]
            default: return [.init(member.name, value)]
            }
        }
        return .object(members)
    }

    private static func absolute(_ value: JSONValue, _ base: String) -> JSONValue {
        guard let members = value.members else { return value }
        return .object(
            members.map { member in
                guard member.name == "url", let urls = member.value.members else { return member }
                let full = urls.map { JSONValue.Member($0.name, .string(base + ($0.value.text ?? ""))) }
                return JSONValue.Member("url", .object(full))
            }
        )
    }

    private func comment(_ value: JSONValue, of discussion: JSONValue?, in records: Records) throws -> JSONValue {
        guard let id = value["id"]?.text.flatMap({ RecordID($0) }),
            let discussionID = discussion?["id"]?.text.flatMap({ RecordID($0) }),
            let comment = try records.discussionEvent(discussionID: discussionID, id: id), !comment.isHidden
        else { return value.adding("hidden", true) }
        return value.adding("content", .string(comment.content)).adding("hidden", false)
    }
}
