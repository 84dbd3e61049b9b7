import HTTPTypes
import HubCore
import JSON

/// Every operation of the API, chapter by chapter.
enum APIOperations {
    /// The operations of `hub`.
    static func all(hub: Hub, ssh: SSHEndpoint?, sender: ObjectSender) -> [APIOperation] {
        let operations =
            AccountOperations(hub: hub).all
            + TokenOperations(hub: hub).all
            + KeyOperations(hub: hub).all
            + ProfileOperations(hub: hub).all
            + RepositoryOperations(hub: hub).all
            + ListOperations(hub: hub).all
            + CardOperations(hub: hub).all
            + StorageOperations(hub: hub).all
            + InfoOperations(hub: hub).all
            + TreeOperations(hub: hub).all
            + HistoryOperations(hub: hub).all
            + CommitOperations(hub: hub).all
            + RefOperations(hub: hub).all
            + LargeFileOperations(hub: hub).all
            + XetTokenOperations(hub: hub).all
            + ResolveOperations(hub: hub, sender: sender).all
            + GateOperations(hub: hub).all
            + DiscussionOperations(hub: hub).all
            + AttachmentOperations(hub: hub, sender: sender).all
            + CollectionOperations(hub: hub).all
            + LikeOperations(hub: hub).all
            + PeopleOperations(hub: hub).all
            + WebhookOperations(hub: hub).all
            + DeliveryOperations(hub: hub).all
            + SpaceOperations(hub: hub).all
            + RuntimeOperations(hub: hub).all
            + AdminOperations(hub: hub).all
            + ServerOperations(hub: hub, ssh: ssh).all
        return operations + [description(of: operations, version: hub.settings.agent)]
    }

    /// `GET /api/openapi.json`, which describes itself as well.
    private static func description(of operations: [APIOperation], version: String) -> APIOperation {
        func operation(_ document: JSONValue) -> APIOperation {
            let answer = Answer.json(document)
            return APIOperation(
                .get,
                "/api/openapi.json",
                id: "getOpenAPI",
                "This description.",
                tag: .operations,
                need: .nothing,
                answers: [200: .json(.any)]
            ) { _ in answer }
        }
        let described = operations + [operation(.null)]
        return operation(OpenAPIDescription(described, version: version).json)
    }
}
