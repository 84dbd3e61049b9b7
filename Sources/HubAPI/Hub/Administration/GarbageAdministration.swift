import Access
import HTTPTypes
import HubCore
import JSON
import Metadata
import ObjectStore

/// Garbage and damage among large files.
///
/// What takes long and is asked for here answers when it is done; it ends with the client's connection, and nothing is
/// half done by that.
struct GarbageAdministration: Sendable {
    let hub: Hub

    var all: [APIOperation] { [collect, preview, undo, check] }

    /// Findings that an answer lists; the number is always right.
    private static let mostFindings = 1_000

    private static let times: [APISchema.Member] = [
        .optional("graceSeconds", .nullable(.integer)), .optional("quarantineSeconds", .nullable(.integer)),
    ]

    private var collect: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            "/api/admin/lfs/collections",
            id: "adminCollectLargeFiles",
            "Asks for a garbage collection of large files; the list of jobs tells how it goes, the audit log how it went.",
            body: .json(.object(Self.times)),
            answer: .object([.required("graceSeconds", .integer), .required("quarantineSeconds", .integer)]),
            status: 202
        ) { call in
            let plan = try await Self.plan(call)
            try await hub.administration.askForCollection(plan, by: call.actor)
            hub.jobs.wake()
            let answer: JSONValue = [
                "graceSeconds": JSONValue(plan.graceSeconds), "quarantineSeconds": JSONValue(plan.quarantineSeconds),
            ]
            return .json(answer, status: .accepted)
        }
    }

    private var preview: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            "/api/admin/lfs/collections/preview",
            id: "adminPreviewCollection",
            "What a garbage collection of large files would take away; it walks all repositories.",
            body: .json(.object(Self.times)),
            answer: .object([
                .required("repositories", .integer), .required("rows", LFSUsage.amountSchema),
                .required("quarantined", LFSUsage.amountSchema), .required("skipped", .array(.string)),
            ])
        ) { call in
            var plan = try await Self.plan(call)
            plan.isDryRun = true
            let report = try await hub.lfs.collect(plan, by: call.actor)
            return .json([
                "repositories": JSONValue(report.repositories), "rows": report.rows.amount,
                "quarantined": report.quarantined.amount,
                "skipped": JSONValue(Array(report.skipped.prefix(Self.mostFindings))),
            ])
        }
    }

    private var undo: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            "/api/admin/lfs/collections/undo",
            id: "adminUndoCollections",
            "Brings back what collections took away and is still in quarantine.",
            body: .json(.object([])),
            answer: LFSUsage.amountSchema
        ) { call in
            _ = try await call.object()
            return .json(try await hub.lfs.undoCollection(by: call.actor).amount)
        }
    }

    private var check: APIOperation {
        AdminOperations.operation(
            hub,
            .post,
            "/api/admin/lfs/fsck",
            id: "adminCheckLargeFiles",
            "Reads every large file again, and lets clients send again what is damaged or missing if asked to.",
            body: .json(
                .object([
                    .optional("bytesPerSecond", .nullable(.integer)), .optional("repair", .nullable(.boolean)),
                ])
            ),
            answer: .object([
                .required("objects", .integer), .required("bytes", .integer), .required("problems", .integer),
                .required("findings", .array(Self.finding)),
            ])
        ) { call in
            let body = try await call.object()
            let rate = try body.integerIfThere("bytesPerSecond")
            guard rate.map({ $0 > 0 }) ?? true else {
                throw HTTPFailure(.badRequest, "The key 'bytesPerSecond' must be greater than 0.")
            }
            let repair = try body.flagIfThere("repair") ?? false
            let report = try await hub.lfs.fsck(bytesPerSecond: rate, repair: repair, by: call.actor)
            return .json([
                "objects": JSONValue(report.objects), "bytes": JSONValue(report.bytes),
                "problems": JSONValue(report.findings.count),
                "findings": .array(report.findings.prefix(Self.mostFindings).map(\.json)),
            ])
        }
    }

    private static let finding = APISchema.object([
        .required("oid", .string), .required("problem", .word(["damaged", "missing"])),
        .required("repositories", .array(.string)),
    ])

    private static func plan(_ call: APICall) async throws -> LFSCollectionPlan {
        let body = try await call.object()
        var plan = LFSCollectionPlan()
        plan.graceSeconds = try body.integerIfThere("graceSeconds") ?? plan.graceSeconds
        plan.quarantineSeconds = try body.integerIfThere("quarantineSeconds") ?? plan.quarantineSeconds
        try LFSCollectionPlan.check(plan)
        return plan
    }
}

extension LFSFinding {
    fileprivate var json: JSONValue {
        [
            "oid": .string(oid.hex), "problem": .string(problem.rawValue),
            "repositories": JSONValue(repositories.map(\.description)),
        ]
    }
}

extension LFSUsage {
    /// A number of objects and their bytes.
    static let amountSchema = APISchema.object([.required("objects", .integer), .required("bytes", .integer)])

    /// Objects and bytes alone.
    var amount: JSONValue { ["objects": JSONValue(objects), "bytes": JSONValue(bytes)] }
}
