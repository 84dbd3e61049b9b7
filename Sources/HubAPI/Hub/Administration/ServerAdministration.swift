import Access
import HTTPTypes
import HubCore
import JSON
import Metadata

/// What the hub has done and has to do: the audit log, and jobs.
struct ServerAdministration: Sendable {
    let hub: Hub

    var all: [APIOperation] { [audit, jobs] }

    private static let line = APISchema.object([
        .required("id", .string), .required("actor", .string), .required("action", .string),
        .required("subject", .string), .required("details", .any), .required("createdAt", .date),
    ])

    private static let job = APISchema.object([
        .required("id", .string), .required("kind", .string), .required("key", .string),
        .required("state", .word(["waiting", "running", "failed"])), .required("attempts", .integer),
        .required("runAt", .date), .required("createdAt", .date), .optional("lastError", .string),
        .optional("failedAt", .date),
    ])

    private var audit: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/audit",
            id: "adminListAudit",
            "The audit log, newest first.",
            query: AdminOperations.paging,
            answer: .array(Self.line)
        ) { call in
            let before = try call.idCursor()
            return try await AdminOperations.list(call, cursor: \.id.description, json: \.json) { limit in
                try await hub.administration.audit(before: before, limit: limit, by: call.actor)
            }
        }
    }

    private var jobs: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/jobs",
            id: "adminListJobs",
            "Work that waits or runs, or that was given up.",
            query: [.init("failed", .boolean, "Whether what was given up is listed, instead.")]
                + AdminOperations.paging,
            answer: .array(Self.job)
        ) { call in
            let after = try call.idCursor()
            return try await AdminOperations.list(call, cursor: \.id.description, json: \.json) { limit in
                let failed = call.flag("failed")
                return try await hub.administration.jobs(failed: failed, after: after, limit: limit, by: call.actor)
            }
        }
    }
}

extension AuditRecord {
    /// More than any use case writes.
    private static let detailLimits = JSONLimits(bytes: 64 << 10)

    fileprivate var json: JSONValue {
        let details = try? JSONValue(parsing: Array(details.utf8), limits: Self.detailLimits)
        return [
            "id": .string(id.description), "actor": .string(actor), "action": .string(action),
            "subject": .string(subject), "details": details ?? [:], "createdAt": .string(createdAt.description),
        ]
    }
}

extension JobRecord {
    /// The payload stays here: what is in it is nobody's business, or a secret.
    fileprivate var json: JSONValue {
        let state = failedAt != nil ? "failed" : lease != nil ? "running" : "waiting"
        let job: JSONValue = [
            "id": .string(id.description), "kind": .string(kind), "key": .string(key), "state": .string(state),
            "attempts": JSONValue(attempts), "runAt": .string(runAt.description),
            "createdAt": .string(createdAt.description),
        ]
        return job.adding("lastError", ifThere: lastError.map(JSONValue.string))
            .adding("failedAt", ifThere: failedAt.map { .string($0.description) })
    }
}
