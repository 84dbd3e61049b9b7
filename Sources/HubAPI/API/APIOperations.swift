import HTTPTypes
import HubCore
import JSON

/// Every operation of the API, chapter by chapter.
enum APIOperations {
    /// The operations of `hub`.
    static func all(hub: Hub, ssh: SSHEndpoint?, sender: ObjectSender) -> [APIOperation] {
        let operations =
            AccountOperations(hub: hub).all
            + RepositoryOperations(hub: hub).all
            + InfoOperations(hub: hub).all
            + TreeOperations(hub: hub).all
            + HistoryOperations(hub: hub).all
            + ResolveOperations(hub: hub, sender: sender).all
            + GateOperations(hub: hub).all
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
