import Access
import GitCore
import HTTPTypes
import HubCore
import JSON
import Metadata

/// What a repository is, and its files by name.
struct InfoOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            info("/api/{repoType}/{namespace}/{name}", id: "getRepository", "A repository at its default branch.")
                .lasting,
            info(
                "/api/{repoType}/{namespace}/{name}/revision/{revision}",
                id: "getRepositoryAtRevision",
                "A repository at a revision."
            ).lasting,
            check("/api/{repoType}/{namespace}/{name}/auth-check", id: "checkReading", .readContent),
            check("/api/{repoType}/{namespace}/{name}/auth-check/write", id: "checkWriting", .writeRepository),
            settings,
        ]
    }

    private func info(_ path: PathTemplate, id: String, _ summary: String) -> APIOperation {
        APIOperation(
            .get,
            path,
            id: id,
            summary,
            tag: .repositories,
            need: .readRepository,
            query: [
                .init("blobs", .boolean, "Whether files are told with size and ids."),
                .init("expand", .string, "Only these members.", isRepeated: true),
            ],
            answers: [200: .json(RepositoryAnswer.schema)]
        ) { call in try await describe(call) }
    }

    private func describe(_ call: APICall) async throws -> Answer {
        let description = try await hub.catalogue.describe(
            try call.repository(),
            revision: call.parameters["revision"],
            by: call.actor
        )
        let answer = RepositoryAnswer(
            description,
            score: hub.catalogue.score(description.counts),
            hasBlobs: call.flag("blobs")
        )
        let wanted = Set(call.values("expand"))
        return .json(
            answer.json { wanted.isEmpty ? !ListDetail.onlyExpanded.contains($0) : wanted.contains($0) }
        )
    }

    private func check(_ path: PathTemplate, id: String, _ action: Action) -> APIOperation {
        APIOperation(
            .get,
            path,
            id: id,
            action == .readContent ? "Whether the files may be read." : "Whether the repository may be written to.",
            tag: .repositories,
            need: action == .readContent ? .readContent : .writeRepository,
            answers: [200: .json(.object([]))]
        ) { call in
            _ = try await hub.repositories.resolve(try call.repository(), action: action, by: call.actor)
            return .json([:])
        }
    }

    private var settings: APIOperation {
        APIOperation(
            .put,
            "/api/{repoType}/{namespace}/{name}/settings",
            id: "changeSettings",
            "Changes who may see a repository, and the gate before its files.",
            tag: .repositories,
            need: .administerRepository,
            body: .json(
                .object([
                    .optional("gated", .any), .optional("visibility", .nullable(.string)),
                    .optional("private", .nullable(.boolean)),
                ])
            ),
            answers: [200: .json(.object([.required("private", .boolean), .required("gated", .any)]))]
        ) { call in
            let body = try await call.object()
            let record = try await hub.repositories.setAccess(
                try call.repository(),
                visibility: try Visibility(body),
                gate: try Gate(body),
                by: call.actor
            )
            return .json(["private": JSONValue(record.visibility == .private), "gated": record.gate.json])
        }
    }
}

extension Gate {
    /// The gate as clients read it.
    var json: JSONValue {
        switch self {
        case .open: false
        case .automatic: "auto"
        case .manual: "manual"
        }
    }

    /// What a request says with `gated`; nil when it does not.
    fileprivate init?(_ body: APIObject) throws {
        guard let value = body.value["gated"] else { return nil }
        switch value {
        case .bool(false): self = .open
        case .string("auto"): self = .automatic
        case .string("manual"): self = .manual
        default: throw HTTPFailure(.badRequest, "The key 'gated' must be 'auto', 'manual' or false.")
        }
    }
}
