import Access
import HTTPTypes
import HubCore
import JSON
import LFS
import Metadata
import ObjectStore

/// The large files of a repository: listed, deleted for good, given to other repositories.
struct LargeFileOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [list, delete, duplicate] }

    private static let file = APISchema.object([
        .required("fileOid", .string), .required("filename", .string), .required("oid", .string),
        .required("pushedAt", .date), .optional("ref", .string), .required("size", .integer),
    ])

    private var list: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}/{namespace}/{name}/lfs-files",
            id: "listLargeFiles",
            "The large files of a repository, in all of its history.",
            tag: .largeFiles,
            need: .writeRepository,
            query: [
                .init("limit", .integer, "Files of a page, at most."),
                .init("cursor", .string, "Where the page begins."),
            ],
            answers: [200: .json(.array(Self.file))]
        ) { call in
            let after = try call.query.first("cursor").map { text in
                guard let oid = ObjectKey(hex: text) else {
                    throw HTTPFailure(.badRequest, "The cursor is not one of ours.")
                }
                return oid
            }
            let most = Commits.largestFilePage
            let limit = try call.integer("limit", in: 1...most, default: most)
            // All of history is walked, as by a clone.
            let page = try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) {
                try await hub.commits.largeFiles(
                    of: try call.repository(),
                    after: after,
                    limit: limit,
                    by: call.actor
                )
            }
            let next = page.hasMore ? page.files.last.map { call.next(cursor: $0.object.oid.hex) } : nil
            return .json(.array(page.files.map(\.json)), headers: next ?? [:])
        }
    }

    private var delete: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/lfs-files/batch",
            id: "deleteLargeFiles",
            "Deletes large files for good; if wanted, commits are made anew without them.",
            tag: .largeFiles,
            need: .writeRepository,
            body: .json(
                .object([
                    .required(
                        "deletions",
                        .object([
                            .required("sha", .array(.string)), .optional("rewriteHistory", .nullable(.boolean)),
                        ])
                    )
                ])
            ),
            answers: [200: .json(.object([]))]
        ) { call in
            let (address, deletions) = (try call.repository(), try await call.object().object("deletions"))
            let oids = Set(try Self.oids(try deletions.texts("sha")))
            let rewritesHistory = try deletions.flagIfThere("rewriteHistory") ?? false
            try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) {
                try await hub.commits.deleteLargeFiles(
                    oids,
                    rewritesHistory: rewritesHistory,
                    of: address,
                    by: call.actor
                )
            }
            return .json([:])
        }
    }

    private var duplicate: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/lfs-files/duplicate",
            id: "copyLargeFiles",
            "Gives large files of this repository to another one, whose commits can name them then.",
            tag: .largeFiles,
            need: .readContent,
            body: .json(
                .object([
                    .required("target", .object([.required("type", .string), .required("name", .string)])),
                    .required("files", .array(.object([.required("sha256", .string)]))),
                ])
            ),
            answers: [
                200: .json(
                    .object([
                        .required(
                            "failed",
                            .array(.object([.required("sha256", .string), .required("error", .string)]))
                        )
                    ])
                )
            ]
        ) { call in
            let (source, body) = (try call.repository(), try await call.object())
            let target = try body.object("target")
            let type = try RepositoryName.type(try target.text("type"))
            let oids = try Self.oids(try body.objects("files").map { try $0.text("sha256") })
            let copied = try await hub.commits.copyLargeFiles(
                oids,
                from: source,
                to: try RepositoryName.address(type, try target.text("name"), key: "target.name"),
                by: call.actor
            )
            let failed = oids.filter { !copied.contains($0) }
            return .json(["failed": .array(failed.map { ["sha256": .string($0.hex), "error": "not found"] })])
        }
    }

    private static func oids(_ texts: [String]) throws -> [ObjectKey] {
        guard texts.count <= Commits.largestFilePage else {
            throw HTTPFailure(.contentTooLarge, "At most \(Commits.largestFilePage) files are named at a time.")
        }
        return try texts.map { text in
            guard let oid = ObjectKey(hex: text) else {
                throw HTTPFailure(.badRequest, "'\(text.prefix(100))' is not the id of a large file.")
            }
            return oid
        }
    }
}

extension LargeFile {
    fileprivate var json: JSONValue {
        let (oid, size) = (object.oid.hex, object.size)
        let file: JSONValue = [
            "fileOid": .string(oid), "filename": .string(path ?? oid), "oid": .string(oid),
            "pushedAt": .string(pushedAt.description), "size": JSONValue(size),
        ]
        return file.adding("ref", ifThere: ref.map { .string($0) })
    }
}
