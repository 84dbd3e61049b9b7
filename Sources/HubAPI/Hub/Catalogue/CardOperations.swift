import Access
import HTTPTypes
import HubCore
import JSON

/// Tags that repositories have, and the check of cards before they are committed.
struct CardOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            tags("/api/models-tags-by-type", .model, id: "listModelTags", "Tags of public models, by what they say."),
            tags(
                "/api/datasets-tags-by-type",
                .dataset,
                id: "listDatasetTags",
                "Tags of public datasets, by what they say."
            ),
            validation, weights,
        ]
    }

    private static let tag = APISchema.object([
        .required("id", .string), .required("label", .string), .required("type", .string),
    ])

    private func tags(_ path: PathTemplate, _ type: RepositoryType, id: String, _ summary: String) -> APIOperation {
        APIOperation(
            .get,
            path,
            id: id,
            summary,
            tag: .lists,
            need: .nothing,
            answers: [200: .json(.map(.array(Self.tag)))]
        ) { _ in
            var groups: [(name: String, tags: [JSONValue])] = []
            for tag in try await hub.catalogue.commonTags(type) {
                let value: JSONValue = [
                    "id": .string(tag.id), "label": .string(tag.label), "type": .string(tag.group),
                ]
                if let index = groups.firstIndex(where: { $0.name == tag.group }) {
                    groups[index].tags.append(value)
                } else {
                    groups.append((tag.group, [value]))
                }
            }
            return .json(.object(groups.map { .init($0.name, .array($0.tags)) }))
        }
    }

    /// Bytes of a request with a card in it; quotes and line ends take two each.
    private static let longestCard = 8 << 20

    private static let messages = APISchema.array(.object([.required("message", .string)]))

    private var validation: APIOperation {
        APIOperation(
            .post,
            "/api/validate-yaml",
            id: "validateCard",
            "Says what is wrong with the metadata of a README.md.",
            tag: .files,
            need: .nothing,
            body: .json(.object([.required("content", .string), .optional("repoType", .nullable(.string))])),
            answers: [200: .json(.object([.required("errors", Self.messages), .required("warnings", Self.messages)]))]
        ) { call in
            let body = try await call.object(limit: Self.longestCard)
            guard let content = body.value["content"]?.text else {
                throw HTTPFailure(.badRequest, "The request body lacks the key 'content'.")
            }
            let type = try RepositoryName.type(try body.textIfThere("repoType"))
            let check = try await hub.catalogue.check(card: content, for: type)
            let answer: JSONValue = ["errors": Self.json(check.errors), "warnings": Self.json(check.warnings)]
            guard let first = check.errors.first else { return .json(answer) }
            return .json(
                answer.adding("error", .string(first)),
                status: .badRequest,
                headers: [.errorMessage: HTTPError.oneLine(first)]
            )
        }
    }

    private var weights: APIOperation {
        APIOperation(
            .get,
            "/api/models/{namespace}/{name}/safetensors-metadata/{path...}",
            id: "getWeightHeaders",
            "The headers of all files that an index of weights names, on the default branch.",
            tag: .files,
            need: .readContent,
            answers: [200: .json(.object([.required("index", .object([])), .required("headers", .map(.object([])))]))]
        ) { call in
            let weights = try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) {
                try await hub.catalogue.weightHeaders(
                    of: try call.repository(of: .model),
                    index: call.parameter("path"),
                    by: call.actor
                )
            }
            let headers = weights.headers.map { JSONValue.Member($0.name, $0.header) }
            return .json(["index": weights.index, "headers": .object(headers)])
        }
    }

    private static func json(_ messages: [String]) -> JSONValue {
        .array(messages.map { ["message": .string($0)] })
    }
}
