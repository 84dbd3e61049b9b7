import Access
import JSON
import Metadata
import NIOCore

/// What kind of news an event of the journal is, in Hugging Face's words.
struct WebhookNews: Equatable {
    /// Where in a repository.
    let scope: String
    /// What became of it.
    let action: String

    var domain: WebhookRecord.Domain { scope.hasPrefix("repo") ? .repo : .discussion }

    /// The news of an event; nil when webhooks do not tell it.
    init?(kind: String) {
        switch kind {
        case "repository.created": (scope, action) = ("repo", "create")
        case "repository.deleted": (scope, action) = ("repo", "delete")
        case "repository.moved": (scope, action) = ("repo", "move")
        case "repository.pushed": (scope, action) = ("repo.content", "update")
        case "repository.visibility.changed", "repository.access.changed", "repository.settings.changed",
            "repository.head.changed", "repository.disabled", "repository.enabled":
            (scope, action) = ("repo.config", "update")
        case "discussion.create": (scope, action) = ("discussion", "create")
        case "discussion.update": (scope, action) = ("discussion", "update")
        case "discussion.comment.create": (scope, action) = ("discussion.comment", "create")
        case "discussion.comment.update": (scope, action) = ("discussion.comment", "update")
        default: return nil
        }
    }
}

/// A repository as it was when something happened in it; it may be gone when that is told.
struct WebhookScene: Equatable {
    let repositoryID: RecordID
    let namespaceID: RecordID
    let address: RepositoryAddress
    let visibility: Visibility
    /// Who had grants in it, when it was deleted; what else there is tells who may see it while it is there.
    let granted: [RecordID]
    /// The namespace from which it was moved.
    let formerNamespaceID: RecordID?

    /// What webhooks may watch to be told.
    var targets: [RecordID] { [repositoryID, namespaceID] + (formerNamespaceID.map { [$0] } ?? []) }

    init(
        _ repository: RepositoryRecord,
        granted: [RecordID],
        formerNamespaceID: RecordID?
    ) {
        repositoryID = repository.id
        namespaceID = repository.namespaceID
        address = repository.address
        visibility = repository.visibility
        self.granted = granted
        self.formerNamespaceID = formerNamespaceID
    }

    /// The scene as a job's payload.
    var json: JSONValue {
        let scene: JSONValue = [
            "repository": .string(repositoryID.text), "namespaceID": .string(namespaceID.text),
            "type": .string(address.type.rawValue), "namespace": .string(address.namespace),
            "name": .string(address.name), "visibility": .string(visibility.rawValue),
            "granted": JSONValue(granted.map(\.text)),
        ]
        return scene.adding("formerNamespaceID", ifThere: formerNamespaceID.map { .string($0.text) })
    }

    /// Reads what `json` wrote; nil for anything else.
    init?(_ text: String) {
        guard let json = try? JSONValue(parsing: Array(text.utf8), limits: JSONLimits(bytes: 1 << 20)),
            let repositoryID = json["repository"]?.text.flatMap({ RecordID($0) }),
            let namespaceID = json["namespaceID"]?.text.flatMap({ RecordID($0) }),
            let type = json["type"]?.text.flatMap(RepositoryType.init(rawValue:)),
            let namespace = json["namespace"]?.text, let name = json["name"]?.text,
            let visibility = json["visibility"]?.text.flatMap(Visibility.init(rawValue:))
        else { return nil }
        self.repositoryID = repositoryID
        self.namespaceID = namespaceID
        address = RepositoryAddress(type: type, namespace: namespace, name: name)
        self.visibility = visibility
        granted = (json["granted"]?.elements ?? []).compactMap { $0.text.flatMap { RecordID($0) } }
        formerNamespaceID = json["formerNamespaceID"]?.text.flatMap { RecordID($0) }
    }
}

extension Journal {
    /// Users with grants who are remembered when a repository is deleted.
    private static let mostGranted = 1_000

    /// Has webhooks tell of an event, if any watches its repository: asked for in the transaction of the event.
    func announce(
        _ event: EventRecord,
        _ repository: RepositoryRecord,
        from former: RepositoryAddress? = nil,
        in records: Records
    ) throws {
        guard WebhookNews(kind: event.kind) != nil else { return }
        let formerNamespace = try former.flatMap { try records.namespace(byName: $0.namespace) }
        let watchable = [repository.id, repository.namespaceID] + (formerNamespace.map { [$0.id] } ?? [])
        guard try records.isWatched(watchable) else { return }
        let isDeleted = event.kind == "repository.deleted" && repository.visibility == .private
        let grants = isDeleted ? try records.grants(repositoryID: repository.id) : []
        let scene = WebhookScene(
            repository,
            granted: grants.prefix(Self.mostGranted).map(\.userID),
            formerNamespaceID: formerNamespace?.id
        )
        let payload = String(buffer: scene.json.encoded())
        let job = JobRequest(
            kind: Webhooks.eventJob,
            key: event.id.text,
            payload: payload,
            at: event.createdAt
        )
        try records.enqueue(job, id: try environment.newID(), at: event.createdAt)
    }
}
