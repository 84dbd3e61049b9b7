import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// Asking for access to gated repositories, and deciding about it.
struct GateOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [ask, list, handle, grant] }

    private static let pageSize = 100

    private var ask: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/ask-access",
            id: "askAccess",
            "Asks for access to the files of a gated repository.",
            tag: .gates,
            need: .participate,
            body: .json(.any),
            answers: [200: .json(.object([.required("status", Self.statuses)]))]
        ) { call in
            let fields = try await call.object().value
            let status = try await hub.gates.ask(try call.repository(), fields: fields, by: call.actor)
            return .json(["status": .string(status.rawValue)])
        }
    }

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}/{namespace}/{name}/user-access-request/{status}",
            id: "listAccessRequests",
            "Requests for access that are pending, accepted or rejected.",
            tag: .gates,
            need: .administerRepository,
            query: [
                .init("limit", .integer, "Requests of a page, at most."), .init("cursor", .string, "Where it begins."),
            ],
            answers: [200: .json(.array(Self.request))]
        ) { call in try await list(call) }
    }

    private func list(_ call: APICall) async throws -> Answer {
        guard let status = AccessRequestRecord.Status(rawValue: call.parameter("status")) else {
            throw HTTPFailure(.badRequest, "The status is 'pending', 'accepted' or 'rejected'.")
        }
        let limit = try call.integer("limit", in: 1...1_000, default: Self.pageSize)
        let after = try call.query.first("cursor").map { text in
            guard let id = RecordID(text) else { throw HTTPFailure(.badRequest, "The cursor is not one of ours.") }
            return id
        }
        let page = try await hub.gates.requests(
            try call.repository(),
            status,
            after: after,
            limit: limit,
            by: call.actor
        )
        let isFull = page.count == limit
        let next = isFull ? page.last.map { call.next(cursor: $0.id.description) } : nil
        return .json(.array(page.map(\.json)), headers: next ?? [:])
    }

    private var handle: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/user-access-request/handle",
            id: "handleAccessRequest",
            "Accepts or rejects a request for access, or makes it pending again.",
            tag: .gates,
            need: .administerRepository,
            body: .json(
                .object([
                    .optional("user", .nullable(.string)), .optional("requestId", .nullable(.string)),
                    .required("status", Self.statuses), .optional("rejectionReason", .nullable(.string)),
                ])
            ),
            answers: [200: .json(.object([]))]
        ) { call in
            let body = try await call.object()
            guard let status = AccessRequestRecord.Status(rawValue: try body.text("status")) else {
                throw HTTPFailure(.badRequest, "The status is 'pending', 'accepted' or 'rejected'.")
            }
            try await hub.gates.decide(
                try call.repository(),
                try Self.applicant(body),
                status,
                reason: try body.textIfThere("rejectionReason"),
                by: call.actor
            )
            return .json([:])
        }
    }

    private static func applicant(_ body: APIObject) throws -> Gates.Applicant {
        if let user = try body.textIfThere("user") { return .user(user) }
        guard let id = try body.textIfThere("requestId") else {
            throw HTTPFailure(.badRequest, "The request body lacks the key 'user' or 'requestId'.")
        }
        return .request(id)
    }

    private var grant: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/user-access-request/grant",
            id: "grantAccess",
            "Lets a user in who need not have asked.",
            tag: .gates,
            need: .administerRepository,
            body: .json(.object([.required("user", .string)])),
            answers: [200: .json(.object([]))]
        ) { call in
            let user = try await call.object().text("user")
            try await hub.gates.grant(try call.repository(), to: user, by: call.actor)
            return .json([:])
        }
    }

    private static let statuses = APISchema.word(AccessRequestRecord.Status.allCases.map(\.rawValue))

    private static let request = APISchema.object([
        .required("requestId", .string), .required("status", statuses), .required("timestamp", .date),
        .required("fields", .any), .optional("rejectionReason", .string),
        .required(
            "user",
            .object([
                .required("user", .string), .required("fullname", .string), .optional("email", .nullable(.string)),
            ])
        ),
    ])
}

extension AccessRequestRecord {
    /// The request as its decider sees it.
    fileprivate var json: JSONValue {
        let filledIn = try? JSONValue(parsing: Array(fields.utf8), limits: JSONLimits(bytes: Gates.largestFields))
        let request: JSONValue = [
            "requestId": .string(id.description), "status": .string(status.rawValue),
            "timestamp": .string(askedAt.description), "fields": filledIn ?? [:],
            "user": [
                "user": .string(userName), "fullname": .string(fullName ?? userName), "email": JSONValue(email),
            ],
        ]
        return request.adding("rejectionReason", ifThere: reason.map(JSONValue.string))
    }
}
