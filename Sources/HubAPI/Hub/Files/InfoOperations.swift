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
            info("/api/{repoType}/{namespace}/{name}", id: "getRepository", "A repository at its default branch."),
            info(
                "/api/{repoType}/{namespace}/{name}/revision/{revision}",
                id: "getRepositoryAtRevision",
                "A repository at a revision."
            ),
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
            answers: [200: .json(Self.schema)]
        ) { call in try await describe(call) }
    }

    private static let schema = APISchema.object([
        .required("_id", .string), .required("id", .string), .optional("modelId", .string),
        .optional("author", .string), .optional("sha", .nullable(.string)), .optional("private", .boolean),
        .optional("gated", .any), .optional("disabled", .boolean), .optional("createdAt", .date),
        .optional("lastModified", .date), .optional("siblings", .array(.any)),
    ])

    private func describe(_ call: APICall) async throws -> Answer {
        let revision = call.parameters["revision"]
        let (record, files) = try await hub.files.snapshot(
            of: try call.repository(),
            revision: revision,
            by: call.actor
        )
        let wanted = call.values("expand")
        var members = record.members(files)
        if wanted.isEmpty || wanted.contains("siblings") {
            let hasBlobs = call.flag("blobs")
            members.append(.init("siblings", .array(files?.files.map { $0.sibling(hasBlobs: hasBlobs) } ?? [])))
        }
        if !wanted.isEmpty {
            let always: Set<String> = ["_id", "id", "modelId"]
            members = members.filter { always.contains($0.name) || wanted.contains($0.name) }
        }
        return .json(.object(members))
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

extension RepositoryRecord {
    /// The members that say what the repository is, in the order in which they are sent.
    fileprivate func members(_ files: RevisionFiles?) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = [
            .init("_id", .string(id.description)), .init("id", .string(address.id)),
        ]
        if type == .model { members.append(.init("modelId", .string(address.id))) }
        return members + [
            .init("author", .string(namespaceName)), .init("sha", JSONValue(files?.commit.hex)),
            .init("lastModified", .string((files?.date ?? createdAt).description)),
            .init("createdAt", .string(createdAt.description)), .init("private", JSONValue(visibility == .private)),
            .init("gated", gate.json), .init("disabled", JSONValue(isDisabled)),
        ]
    }
}

extension Gate {
    /// The gate as clients read it.
    fileprivate var json: JSONValue {
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
