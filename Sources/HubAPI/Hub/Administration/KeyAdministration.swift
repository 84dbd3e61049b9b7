import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// SSH keys: all of them, deploy keys of repositories, and keys of organisations.
struct KeyAdministration: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            list, remove, ofUser, ofRepository, addToRepository, removeFromRepository, ofOrganization,
            addToOrganization, removeFromOrganization,
        ]
    }

    private static let repositoryPath = RepositoryAdministration.path + "/keys"
    private static let organizationPath = "/api/admin/organizations/{organization}/keys"

    private static let newKey = APIOperation.Body.json(
        .object([
            .required("key", .string), .required("role", .word(["read", "write"])),
            .optional("title", .nullable(.string)),
        ])
    )

    private var list: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/keys",
            id: "adminListKeys",
            "All SSH keys, oldest first.",
            query: AdminOperations.paging,
            answer: .array(KeyOperations.key)
        ) { call in
            let after = try call.idCursor()
            return try await AdminOperations.list(call, cursor: \.record.id.description, json: \.json) { limit in
                try await hub.accounts.keys(after: after, limit: limit, by: call.actor)
            }
        }
    }

    private var remove: APIOperation {
        removal("/api/admin/keys/{id}", id: "adminRemoveKey", "Removes a key, whosever it is; it is refused at once.") {
            _ in nil
        }
    }

    private var ofUser: APIOperation {
        keys("/api/admin/users/{user}/keys", id: "adminListKeysOfUser", "A user's SSH keys, oldest first.") {
            .user($0.parameter("user"))
        }
    }

    private var ofRepository: APIOperation {
        keys(Self.repositoryPath, id: "adminListDeployKeys", "A repository's deploy keys, oldest first.") {
            .repository(try $0.repository())
        }
    }

    private var ofOrganization: APIOperation {
        keys(
            Self.organizationPath,
            id: "adminListKeysOfOrganization",
            "An organisation's keys, oldest first."
        ) { .organization($0.parameter("organization")) }
    }

    private var removeFromRepository: APIOperation {
        removal(Self.repositoryPath + "/{id}", id: "adminRemoveDeployKey", "Removes a repository's deploy key.") {
            .repository(try $0.repository())
        }
    }

    private var removeFromOrganization: APIOperation {
        removal(
            Self.organizationPath + "/{id}",
            id: "adminRemoveKeyOfOrganization",
            "Removes an organisation's key."
        ) { .organization($0.parameter("organization")) }
    }

    private var addToRepository: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            PathTemplate(Self.repositoryPath),
            id: "adminAddDeployKey",
            "Adds a key that acts in one repository, for nobody.",
            body: Self.newKey,
            answer: KeyOperations.key
        ) { call in
            let (address, body) = (try call.repository(), try await call.object())
            let key = try await hub.accounts.addDeployKey(
                to: address,
                role: try APICall.requiredRole(body, "role"),
                title: try body.textIfThere("title"),
                openSSHText: try body.text("key"),
                by: call.actor
            )
            return .json(KeySummary(key, owner: .repository(address)).json)
        }
    }

    private var addToOrganization: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            PathTemplate(Self.organizationPath),
            id: "adminAddKeyToOrganization",
            "Adds a key that acts in all repositories of an organisation, for nobody.",
            body: Self.newKey,
            answer: KeyOperations.key
        ) { call in
            let (name, body) = (call.parameter("organization"), try await call.object())
            let key = try await hub.accounts.addOrganizationKey(
                to: name,
                role: try APICall.requiredRole(body, "role"),
                title: try body.textIfThere("title"),
                openSSHText: try body.text("key"),
                by: call.actor
            )
            return .json(KeySummary(key, owner: .organization(name)).json)
        }
    }

    private func keys(
        _ path: String,
        id: String,
        _ summary: String,
        of owner: @escaping @Sendable (APICall) throws -> KeyOwner
    ) -> APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            PathTemplate(path),
            id: id,
            summary,
            answer: .array(KeyOperations.key)
        ) { call in
            .json(.array(try await hub.accounts.keys(of: try owner(call), by: call.actor).map(\.json)))
        }
    }

    private func removal(
        _ path: String,
        id: String,
        _ summary: String,
        of owner: @escaping @Sendable (APICall) throws -> KeyOwner?
    ) -> APIOperation {
        AdminOperations.operation(hub, .delete, PathTemplate(path), id: id, summary) { call in
            try await hub.accounts.removeKey(call.parameter("id"), of: try owner(call), by: call.actor)
            return .json([:])
        }
    }
}
