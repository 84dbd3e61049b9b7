import Access
import HTTPTypes
import HubCore
import Metadata

/// Creating, deleting and moving repositories.
extension HubRoutes {
    /// `POST /api/repos/create`.
    func createRepository(_ exchange: Exchange, _ actor: Access.Actor) async throws -> Answer {
        let request: CreateRequest = try await JSONBody.decode(
            from: exchange.body,
            contentType: exchange.headers[.contentType],
            limit: limits.jsonBytes
        )
        let address = try request.repository.address(for: actor)
        let new = NewRepository(
            address: address,
            visibility: try request.visibility(),
            initialize: true,
            sdk: try request.sdk(for: address.type)
        )
        let base = publicURL.base(for: exchange)
        do {
            let record = try await hub.repositories.create(new, by: actor)
            let made = RepositoryAddress(type: record.type, namespace: record.namespaceName, name: record.name)
            return try .json(CreateAnswer(url: "\(base)/\(made.path)", name: made.id, id: record.id.description))
        } catch let error as HubError where error.kind == .conflict {
            return HTTPError(error, requestID: exchange.id) { _ in nil }.json(url: "\(base)/\(address.path)")
        }
    }

    /// `DELETE /api/repos/delete`.
    func deleteRepository(_ exchange: Exchange, _ actor: Access.Actor) async throws -> Answer {
        let request: RepositoryName = try await JSONBody.decode(
            from: exchange.body,
            contentType: exchange.headers[.contentType],
            limit: limits.jsonBytes
        )
        try await hub.repositories.delete(try request.address(for: actor), by: actor)
        return try .json(Empty())
    }

    /// `POST /api/repos/move`.
    func moveRepository(_ exchange: Exchange, _ actor: Access.Actor) async throws -> Answer {
        let request: MoveRequest = try await JSONBody.decode(
            from: exchange.body,
            contentType: exchange.headers[.contentType],
            limit: limits.jsonBytes
        )
        let type = try RepositoryName.type(request.type)
        let from = try RepositoryName.address(type, request.fromRepo, key: "fromRepo")
        let to = try RepositoryName.address(type, request.toRepo, key: "toRepo")
        _ = try await hub.repositories.move(from, to: to, by: actor)
        return try .json(Empty())
    }
}

/// How requests name a repository: the namespace is the asker's own unless given.
private struct RepositoryName: Decodable {
    let name: String
    let organization: String?
    let type: String?

    func address(for actor: Access.Actor) throws -> RepositoryAddress {
        let type = try Self.type(type)
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

private struct CreateRequest: Decodable {
    private enum CodingKeys: String, CodingKey {
        case visibility, `private`, sdk
    }

    private static let spaceKits = ["gradio", "streamlit", "docker", "static"]

    let repository: RepositoryName
    private let visibilityWord: String?
    private let isPrivate: Bool?
    private let kit: String?

    init(from decoder: any Decoder) throws {
        repository = try RepositoryName(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        visibilityWord = try container.decodeIfPresent(String.self, forKey: .visibility)
        isPrivate = try container.decodeIfPresent(Bool.self, forKey: .private)
        kit = try container.decodeIfPresent(String.self, forKey: .sdk)
    }

    /// What newer clients say with `visibility` and older ones with `private`; public if neither does.
    func visibility() throws(HubError) -> Visibility {
        let flag: Visibility? = isPrivate.map { $0 ? .private : .public }
        guard let visibilityWord else { return flag ?? .public }
        guard let visibility = Visibility(rawValue: visibilityWord) else {
            throw HubError(.invalid, "The visibility is 'public' or 'private'.")
        }
        guard flag == nil || flag == visibility else {
            throw HubError(.invalid, "The keys 'visibility' and 'private' contradict each other.")
        }
        return visibility
    }

    /// What a space says it runs on; nil for everything else.
    func sdk(for type: RepositoryType) throws(HubError) -> String? {
        guard type == .space else { return nil }
        guard let kit, Self.spaceKits.contains(kit) else {
            throw HubError(.invalid, "A space needs an 'sdk': \(Self.spaceKits.joined(separator: ", ")).")
        }
        return kit
    }
}

private struct CreateAnswer: Encodable {
    let url: String
    let name: String
    let id: String
}

private struct MoveRequest: Decodable {
    let fromRepo: String
    let toRepo: String
    let type: String?
}

private struct Empty: Encodable {}
