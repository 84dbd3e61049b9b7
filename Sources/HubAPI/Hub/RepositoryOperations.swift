import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Creating, deleting and moving repositories.
struct RepositoryOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [create, delete, move, duplicate] }

    private var create: APIOperation {
        APIOperation(
            .post,
            "/api/repos/create",
            id: "createRepository",
            "Makes a repository with a first commit.",
            tag: .repositories,
            need: .writeNamespace,
            body: .json(
                .object([
                    .required("name", .string), .optional("organization", .nullable(.string)),
                    .optional("type", .nullable(.string)), .optional("visibility", .nullable(.string)),
                    .optional("private", .nullable(.boolean)), .optional("sdk", .nullable(.string)),
                ])
            ),
            answers: [
                200: .json(
                    .object([.required("url", .string), .required("name", .string), .required("id", .string)])
                )
            ]
        ) { call in try await create(call) }
    }

    private var delete: APIOperation {
        APIOperation(
            .delete,
            "/api/repos/delete",
            id: "deleteRepository",
            "Deletes a repository.",
            tag: .repositories,
            need: .ownRepository,
            body: .json(
                .object([
                    .required("name", .string), .optional("organization", .nullable(.string)),
                    .optional("type", .nullable(.string)),
                ])
            ),
            answers: [200: .json(.object([]))]
        ) { call in
            let name = try RepositoryName(try await call.object())
            try await hub.repositories.delete(try name.address(for: call.actor), by: call.actor)
            return .json([:])
        }
    }

    private var move: APIOperation {
        APIOperation(
            .post,
            "/api/repos/move",
            id: "moveRepository",
            "Gives a repository another address; the old one leads there.",
            tag: .repositories,
            need: .ownRepository,
            body: .json(
                .object([
                    .required("fromRepo", .string), .required("toRepo", .string),
                    .optional("type", .nullable(.string)),
                ])
            ),
            answers: [200: .json(.object([]))]
        ) { call in
            let body = try await call.object()
            let type = try RepositoryName.type(try body.textIfThere("type"))
            let from = try RepositoryName.address(type, try body.text("fromRepo"), key: "fromRepo")
            let to = try RepositoryName.address(type, try body.text("toRepo"), key: "toRepo")
            _ = try await hub.repositories.move(from, to: to, by: call.actor)
            return .json([:])
        }
    }

    private var duplicate: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/duplicate",
            id: "duplicateRepository",
            "Makes a repository with the branches, tags, history and large files of another one.",
            tag: .repositories,
            need: .readContent,
            body: .json(
                .object([
                    .required("repository", .string), .optional("visibility", .nullable(.string)),
                    .optional("private", .nullable(.boolean)),
                ])
            ),
            answers: [
                200: .json(.object([.required("url", .string), .required("filesCopyPending", .boolean)]))
            ]
        ) { call in
            try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) { try await duplicate(call) }
        }
    }

    private func duplicate(_ call: APICall) async throws -> Answer {
        let (source, body) = (try call.repository(), try await call.object())
        let target = try RepositoryName.address(source.type, try body.text("repository"), key: "repository")
        do {
            let record = try await hub.duplication.duplicate(
                source,
                to: target,
                visibility: try Visibility(body),
                by: call.actor
            )
            return .json(["url": "\(call.base)/\(record.address.path)", "filesCopyPending": false])
        } catch let error as HubError where error.kind == .conflict {
            return HTTPError(error, requestID: call.exchange.id) { _ in nil }.json(url: "\(call.base)/\(target.path)")
        }
    }

    private func create(_ call: APICall) async throws -> Answer {
        let body = try await call.object()
        let address = try RepositoryName(body).address(for: call.actor)
        let new = NewRepository(
            address: address,
            visibility: try Visibility(body) ?? .public,
            initialize: true,
            sdk: try SpaceKit.name(body, for: address.type)
        )
        do {
            let record = try await hub.repositories.create(new, by: call.actor)
            let made = record.address
            return .json([
                "url": "\(call.base)/\(made.path)", "name": .string(made.id), "id": .string(record.id.description),
            ])
        } catch let error as HubError where error.kind == .conflict {
            return HTTPError(error, requestID: call.exchange.id) { _ in nil }.json(url: "\(call.base)/\(address.path)")
        }
    }
}

/// How requests name a repository: the namespace is the asker's own unless given.
struct RepositoryName {
    let name: String
    let organization: String?
    let type: RepositoryType

    init(_ body: APIObject) throws {
        name = try body.text("name")
        organization = try body.textIfThere("organization")
        type = try Self.type(try body.textIfThere("type"))
    }

    func address(for actor: Access.Actor) throws -> RepositoryAddress {
        if name.contains("/"), organization == nil { return try Self.address(type, name, key: "name") }
        guard let namespace = organization ?? Self.ownNamespace(of: actor) else {
            throw HubError(.unauthenticated, "Authentication is required to do this.")
        }
        do {
            return try RepositoryAddress(type: type, checkingNamespace: namespace, name: name)
        } catch {
            throw HubError.invalid(error)
        }
    }

    static func type(_ text: String?) throws(HubError) -> RepositoryType {
        guard let text else { return .model }
        guard let type = RepositoryType(text: text) else {
            throw HubError.invalid(RepositoryAddress.Malformed.unknownType)
        }
        return type
    }

    static func address(_ type: RepositoryType, _ id: String, key: String) throws(HubError) -> RepositoryAddress {
        do {
            return try RepositoryAddress(type: type, parsing: id)
        } catch .shape {
            throw HubError(.invalid, "The key '\(key)' must be NAMESPACE/NAME.")
        } catch {
            throw HubError.invalid(error)
        }
    }

    private static func ownNamespace(of actor: Access.Actor) -> String? {
        if case .user(let user) = actor { user.name } else { nil }
    }
}

extension Visibility {
    /// What newer clients say with `visibility` and older ones with `private`; nil if neither does.
    init?(_ body: APIObject) throws {
        let flag: Visibility? = try body.flagIfThere("private").map { $0 ? .private : .public }
        guard let word = try body.textIfThere("visibility") else {
            guard let flag else { return nil }
            self = flag
            return
        }
        guard let visibility = Visibility(rawValue: word) else {
            throw HubError(.invalid, "The visibility is 'public' or 'private'.")
        }
        guard flag == nil || flag == visibility else {
            throw HubError(.invalid, "The keys 'visibility' and 'private' contradict each other.")
        }
        self = visibility
    }
}

/// What spaces run on.
enum SpaceKit {
    static let names = ["gradio", "streamlit", "docker", "static"]

    /// What a space says it runs on; nil for everything else.
    static func name(_ body: APIObject, for type: RepositoryType) throws -> String? {
        guard type == .space else { return nil }
        guard let kit = try body.textIfThere("sdk"), names.contains(kit) else {
            throw HubError(.invalid, "A space needs an 'sdk': \(names.joined(separator: ", ")).")
        }
        return kit
    }
}
