import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Repositories as such: all of them, whosever they are.
struct RepositoryAdministration: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, show, change, delete, move, check] }

    static let path = "/api/admin/repositories/{repoType}/{namespace}/{name}"

    private static let repository = APISchema.object([
        .required("id", .string), .required("type", .word(RepositoryType.allCases.map(\.rawValue))),
        .required("name", .string), .required("visibility", .word(Visibility.allCases.map(\.rawValue))),
        .required("gate", .word(Gate.allCases.map(\.rawValue))), .required("disabled", .boolean),
        .required("defaultBranch", .string), .required("denyNonFastForward", .boolean),
        .required("denyDeletes", .boolean), .required("lfsPointers", .word(LFSPointerRule.allCases.map(\.rawValue))),
        .required("createdAt", .date), .required("updatedAt", .date),
    ])

    private var list: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/repositories",
            id: "adminListRepositories",
            "All repositories, oldest first.",
            query: [
                .init("namespace", .string, "Only those of this user or organisation."),
                .init("type", .word(RepositoryType.allCases.map(\.rawValue)), "Only those of this type."),
            ] + AdminOperations.paging,
            answer: .array(Self.repository)
        ) { call in
            var listing = RepositoryListing(namespace: call.query.first("namespace"), after: try call.idCursor())
            listing.type = try call.query.first("type").map { try RepositoryName.type($0) }
            let wanted = listing
            return try await AdminOperations.list(call, cursor: \.id.description, json: \.json) { limit in
                var listing = wanted
                listing.limit = limit
                return try await hub.repositories.list(listing, by: call.actor)
            }
        }
    }

    private var show: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            PathTemplate(Self.path),
            id: "adminGetRepository",
            "One repository with its settings.",
            answer: Self.repository
        ) { call in
            let (address, actor) = (try call.repository(), call.actor)
            return .json(
                try await hub.repositories.resolve(address, action: .administerRepository, by: actor).json
            )
        }
    }

    private var change: APIOperation {
        AdminOperations.operation(
            hub,
            .patch,
            PathTemplate(Self.path),
            id: "adminChangeRepository",
            "Changes a repository's settings as far as they are given, all or nothing.",
            body: .json(
                .object([
                    .optional("visibility", .nullable(.word(Visibility.allCases.map(\.rawValue)))),
                    .optional("gate", .nullable(.word(Gate.allCases.map(\.rawValue)))),
                    .optional("disabled", .nullable(.boolean)), .optional("defaultBranch", .nullable(.string)),
                    .optional("denyNonFastForward", .nullable(.boolean)),
                    .optional("denyDeletes", .nullable(.boolean)),
                    .optional("lfsPointers", .nullable(.word(LFSPointerRule.allCases.map(\.rawValue)))),
                ])
            ),
            answer: Self.repository
        ) { call in
            let change = try RepositoryChange(try await call.object())
            return .json(try await hub.repositories.change(try call.repository(), change, by: call.actor).json)
        }
    }

    private var delete: APIOperation {
        AdminOperations.operation(
            hub,
            .delete,
            PathTemplate(Self.path),
            id: "adminDeleteRepository",
            "Deletes a repository with all its content; it cannot be undone."
        ) { call in
            try await hub.repositories.delete(try call.repository(), by: call.actor)
            return .json([:])
        }
    }

    private var move: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            PathTemplate(Self.path + "/move"),
            id: "adminMoveRepository",
            "Gives a repository another address; the old one leads there.",
            body: .json(.object([.required("to", .string)])),
            answer: Self.repository
        ) { call in
            let from = try call.repository()
            let to = try RepositoryName.address(from.type, try await call.object().text("to"), key: "to")
            return .json(try await hub.repositories.move(from, to: to, by: call.actor).json)
        }
    }

    private var check: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            PathTemplate(Self.path + "/fsck"),
            id: "adminCheckRepository",
            "Reads everything that is stored of a repository again, and tells what is wrong.",
            body: .json(.object([])),
            answer: .object([.required("problems", .array(.string))])
        ) { call in
            _ = try await call.object()
            let address = try call.repository()
            // It costs what a clone does, and is counted as one.
            return try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) {
                let problems = try await hub.administration.check(address, by: call.actor)
                return .json(["problems": JSONValue(problems)])
            }
        }
    }
}

extension RepositoryChange {
    fileprivate init(_ body: APIObject) throws {
        self.init()
        visibility = try Self.word(body, "visibility")
        gate = try Self.word(body, "gate")
        isDisabled = try body.flagIfThere("disabled")
        headTarget = try body.textIfThere("defaultBranch").map { name in
            name.hasPrefix("refs/") ? name : "refs/heads/\(name)"
        }
        denyNonFastForward = try body.flagIfThere("denyNonFastForward")
        denyDeletes = try body.flagIfThere("denyDeletes")
        lfsPointers = try Self.word(body, "lfsPointers")
    }

    private static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ body: APIObject,
        _ key: String
    ) throws -> Word? {
        guard let text = try body.textIfThere(key) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw HTTPFailure(.badRequest, "The key '\(key)' is one of \(words).")
        }
        return word
    }
}

extension RepositoryRecord {
    fileprivate var json: JSONValue {
        let branch = headTarget.hasPrefix("refs/heads/") ? String(headTarget.dropFirst(11)) : headTarget
        return [
            "id": .string(id.description), "type": .string(type.rawValue), "name": .string(address.id),
            "visibility": .string(visibility.rawValue), "gate": .string(gate.rawValue),
            "disabled": JSONValue(isDisabled), "defaultBranch": .string(branch),
            "denyNonFastForward": JSONValue(settings.denyNonFastForward),
            "denyDeletes": JSONValue(settings.denyDeletes), "lfsPointers": .string(settings.lfsPointers.rawValue),
            "createdAt": .string(createdAt.description), "updatedAt": .string(updatedAt.description),
        ]
    }
}
