import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Variables and secrets of spaces.
struct SpaceOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { SpaceValueRecord.Kind.allCases.flatMap { [list($0), set($0), remove($0)] } }

    private static func path(_ kind: SpaceValueRecord.Kind) -> PathTemplate {
        PathTemplate("/api/spaces/{namespace}/{name}/\(kind.rawValue)s")
    }

    /// The kind in an operation's id.
    private static func word(_ kind: SpaceValueRecord.Kind) -> String { kind == .variable ? "Variable" : "Secret" }

    private func list(_ kind: SpaceValueRecord.Kind) -> APIOperation {
        APIOperation(
            .get,
            Self.path(kind),
            id: "listSpace\(Self.word(kind))s",
            "The \(kind.rawValue)s of a space.",
            tag: .spaces,
            need: .writeRepository,
            answers: Self.answers(kind)
        ) { call in
            let space = try call.repository(of: .space)
            return Self.answer(try await hub.spaces.values(space, kind, by: call.actor))
        }
    }

    private func set(_ kind: SpaceValueRecord.Kind) -> APIOperation {
        APIOperation(
            .post,
            Self.path(kind),
            id: "setSpace\(Self.word(kind))",
            "Gives a space a \(kind.rawValue), or another value for one that it has.",
            tag: .spaces,
            need: .administerRepository,
            body: .json(
                .object([
                    .required("key", .string), .required("value", .string),
                    .optional("description", .nullable(.string)),
                ])
            ),
            answers: Self.answers(kind)
        ) { call in
            let (space, body) = (try call.repository(of: .space), try await call.object())
            let values = try await hub.spaces.set(
                try body.text("key"),
                to: try body.text("value"),
                description: try body.textIfThere("description"),
                kind,
                of: space,
                by: call.actor
            )
            return Self.answer(values)
        }
    }

    private func remove(_ kind: SpaceValueRecord.Kind) -> APIOperation {
        APIOperation(
            .delete,
            Self.path(kind),
            id: "removeSpace\(Self.word(kind))",
            "Takes a \(kind.rawValue) away from a space.",
            tag: .spaces,
            need: .administerRepository,
            body: .json(.object([.required("key", .string)])),
            answers: Self.answers(kind)
        ) { call in
            let (space, key) = (try call.repository(of: .space), try await call.object().text("key"))
            return Self.answer(try await hub.spaces.remove(key, kind, of: space, by: call.actor))
        }
    }

    private static func answer(_ values: [SpaceValueRecord]) -> Answer {
        .json(.object(values.map { JSONValue.Member($0.name, $0.json) }), headers: [.cacheControl: "no-store"])
    }

    private static func answers(_ kind: SpaceValueRecord.Kind) -> [Int: APIOperation.Body] {
        let value: [APISchema.Member] = kind == .variable ? [.required("value", .string)] : []
        let members =
            [.required("key", .string)] + value
            + [.optional("description", .string), .required("updatedAt", .date)]
        return [200: .json(.map(.object(members)))]
    }
}

extension SpaceValueRecord {
    /// The value as it is listed; a secret's is told to nobody.
    fileprivate var json: JSONValue {
        let entry: JSONValue = ["key": .string(name)]
        return entry.adding("value", ifThere: kind == .variable ? .string(value) : nil)
            .adding("description", ifThere: description.map(JSONValue.string))
            .adding("updatedAt", .string(updatedAt.description))
    }
}
