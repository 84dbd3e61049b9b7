import HTTPTypes
package import HubCore
import JSON

/// Every operation of the API, chapter by chapter.
package enum APIOperations {
    /// The operations of `hub`.
    package static func all(hub: Hub, ssh: SSHEndpoint?) -> [APIOperation] {
        let operations =
            AccountOperations(hub: hub).all
            + RepositoryOperations(hub: hub).all
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
