import Access
import HTTPTypes
import HubCore
import JSON
import Metadata
import ObjectStore

/// Large files: usage, quotas, and taking one away.
struct LargeFileAdministration: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [usage, repositoryUsage, setRepositoryQuota, namespaceUsage, setNamespaceQuota, delete]
    }

    private static let repositoryPath = RepositoryAdministration.path + "/lfs"
    private static let namespacePath = "/api/admin/namespaces/{namespace}/lfs"

    private static let bounded = APISchema.object([
        .required("objects", .integer), .required("bytes", .integer), .required("quota", .nullable(.integer)),
    ])
    private static let newQuota = APIOperation.Body.json(.object([.required("quota", .nullable(.integer))]))

    private var usage: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            "/api/admin/lfs",
            id: "adminGetLargeFileUsage",
            "What all large files amount to, each counted as often as repositories have it.",
            query: [.init("stored", .boolean, "Whether the store is listed, too, which may take long.")],
            answer: .object([.required("logical", LFSUsage.amountSchema), .optional("stored", LFSUsage.amountSchema)])
        ) { call in
            let total = try await hub.lfs.total(countsStored: call.flag("stored"), by: call.actor)
            let answer: JSONValue = ["logical": total.logical.amount]
            return .json(answer.adding("stored", ifThere: total.stored?.amount))
        }
    }

    private var repositoryUsage: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            PathTemplate(Self.repositoryPath),
            id: "adminGetLargeFileUsageOfRepository",
            "What the large files of a repository amount to, what they take in the store, and its quota in bytes.",
            answer: .object([
                .required("objects", .integer), .required("bytes", .integer), .required("quota", .nullable(.integer)),
                .required("stored", .integer),
            ])
        ) { call in
            let address = try call.repository()
            let usage = try await hub.lfs.usage(of: address, by: call.actor)
            let stored = try await hub.lfs.storedBytes(of: address, by: call.actor)
            return .json(usage.json.adding("stored", JSONValue(stored)))
        }
    }

    private var setRepositoryQuota: APIOperation {
        AdminOperations.operation(
            hub,
            .put,
            PathTemplate(Self.repositoryPath),
            id: "adminSetQuotaOfRepository",
            "Bounds the bytes of large files in a repository; null lifts the bound.",
            body: Self.newQuota,
            answer: Self.bounded
        ) { call in
            let (address, quota) = (try call.repository(), try await Self.quota(call))
            try await hub.lfs.setQuota(of: address, bytes: quota, by: call.actor)
            return .json(try await hub.lfs.usage(of: address, by: call.actor).json)
        }
    }

    private var namespaceUsage: APIOperation {
        AdminOperations.operation(
            hub,
            .get,
            PathTemplate(Self.namespacePath),
            id: "adminGetLargeFileUsageOfNamespace",
            "What the large files of a user or an organisation amount to, and the quota in bytes.",
            answer: Self.bounded
        ) { call in
            .json(try await hub.lfs.usage(ofNamespace: call.parameter("namespace"), by: call.actor).json)
        }
    }

    private var setNamespaceQuota: APIOperation {
        AdminOperations.operation(
            hub,
            .put,
            PathTemplate(Self.namespacePath),
            id: "adminSetQuotaOfNamespace",
            "Bounds the bytes of large files of a user or an organisation; null lifts the bound.",
            body: Self.newQuota,
            answer: Self.bounded
        ) { call in
            let (name, quota) = (call.parameter("namespace"), try await Self.quota(call))
            try await hub.lfs.setQuota(ofNamespace: name, bytes: quota, by: call.actor)
            return .json(try await hub.lfs.usage(ofNamespace: name, by: call.actor).json)
        }
    }

    private static func quota(_ call: APICall) async throws -> Int64? {
        let body = try await call.object()
        return body.isNull("quota") ? nil : try body.integer("quota")
    }

    private var delete: APIOperation {
        AdminOperations.operation(
            hub,
            .delete,
            "/api/admin/lfs/objects/{oid}",
            id: "adminDeleteLargeFile",
            "Takes one object away from a repository, or from all.",
            query: [.init("repository", .string, "TYPE/NAMESPACE/NAME; all repositories if left out.")],
            answer: .object([.required("repositories", .array(.string))])
        ) { call in
            guard let oid = ObjectKey(hex: call.parameter("oid")) else {
                throw HTTPFailure(.badRequest, "An object id has 64 lower-case hexadecimal digits.")
            }
            let address = try call.query.first("repository").map(Self.address)
            let owners = try await hub.lfs.delete(oid, from: address, by: call.actor)
            return .json(["repositories": JSONValue(owners.map(\.description))])
        }
    }

    private static func address(_ text: String) throws(HubError) -> RepositoryAddress {
        do { return try RepositoryAddress(parsing: text) } catch { throw HubError.invalid(error) }
    }
}

extension LFSUsage {
    fileprivate var json: JSONValue { amount.adding("quota", quota.map { JSONValue($0) } ?? .null) }
}
