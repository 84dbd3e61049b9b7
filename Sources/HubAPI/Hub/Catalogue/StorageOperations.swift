import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Repositories of a namespace with the room they take.
struct StorageOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            list(
                "/api/settings/repositories",
                id: "listOwnStorage",
                "The asker's own repositories with the room they take."
            ),
            list(
                "/api/organizations/{organization}/settings/repositories",
                id: "listOrganizationStorage",
                "An organization's repositories with the room they take."
            ),
        ]
    }

    private static let largestPage = 1_000

    private func list(_ path: PathTemplate, id: String, _ summary: String) -> APIOperation {
        APIOperation(
            .get,
            path,
            id: id,
            summary,
            tag: .repositories,
            need: .login,
            query: [
                .init("limit", .integer, "Repositories of a page, at most."),
                .init("cursor", .string, "Where the page begins."),
            ],
            answers: [200: .json(.array(Self.entry))]
        ) { call in
            let after = try call.query.first("cursor").map { text in
                guard let id = RecordID(text) else { throw HTTPFailure(.badRequest, "The cursor is not one of ours.") }
                return id
            }
            let page = try await hub.catalogue.storage(
                of: call.parameters["organization"],
                after: after,
                limit: try call.integer("limit", in: 1...Self.largestPage, default: Self.largestPage),
                by: call.actor
            )
            return .json(
                .array(page.entries.map { $0.storageJSON(total: page.total) }),
                headers: page.next.map { call.next(cursor: $0.text) } ?? [:]
            )
        }
    }

    private static let entry = APISchema.object([
        .required("id", .string), .required("type", .string), .required("updatedAt", .date),
        .required("visibility", .word(["public", "private"])), .required("storage", .integer),
        .required("storagePercent", .number),
    ])
}

extension CatalogueEntry {
    /// The room it takes, and which part that is of `total`.
    fileprivate func storageJSON(total: Int64) -> JSONValue {
        let share = total > 0 ? Double(counts.usedStorage) / Double(total) * 100 : 0
        let hundredths = Int64((share * 100).rounded())
        let percent = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
        return [
            "id": .string(repository.address.id), "type": .string(repository.type.rawValue),
            "updatedAt": .string(repository.updatedAt.description),
            "visibility": .string(repository.visibility.rawValue), "storage": JSONValue(counts.usedStorage),
            "storagePercent": .number(percent),
        ]
    }
}
