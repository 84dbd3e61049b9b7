import Access
import HTTPTypes
import HubCore
import JSON

/// Making and deleting branches and tags.
struct RefOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [createBranch, deleteBranch, createTag, deleteTag, squash] }

    private var createBranch: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/branch/{branch}",
            id: "createBranch",
            "Makes a branch.",
            tag: .refs,
            need: .writeRepository,
            body: .json(
                .object([
                    .optional("startingPoint", .nullable(.string)), .optional("emptyBranch", .nullable(.boolean)),
                    .optional("overwrite", .nullable(.boolean)),
                ])
            ),
            answers: [200: .json(.object([]))]
        ) { call in
            let body = try await call.objectOrNothing()
            let isEmpty = try body.flagIfThere("emptyBranch") ?? false
            try await hub.commits.createBranch(
                call.parameter("branch"),
                at: isEmpty ? .empty : .revision(try body.textIfThere("startingPoint")),
                overwrites: try body.flagIfThere("overwrite") ?? false,
                of: try call.repository(),
                by: call.actor
            )
            return .json([:])
        }
    }

    private var deleteBranch: APIOperation {
        APIOperation(
            .delete,
            "/api/{repoType}/{namespace}/{name}/branch/{branch}",
            id: "deleteBranch",
            "Deletes a branch other than the default one.",
            tag: .refs,
            need: .writeRepository,
            answers: [200: .json(.object([]))]
        ) { call in
            try await hub.commits.deleteBranch(call.parameter("branch"), of: try call.repository(), by: call.actor)
            return .json([:])
        }
    }

    private var createTag: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/tag/{revision}",
            id: "createTag",
            "Makes a tag at a revision; an annotated one if it has a message.",
            tag: .refs,
            need: .writeRepository,
            body: .json(.object([.required("tag", .string), .optional("message", .nullable(.string))])),
            answers: [200: .json(.object([]))]
        ) { call in
            let body = try await call.object()
            try await hub.commits.createTag(
                try body.text("tag"),
                at: call.parameter("revision"),
                message: try body.textIfThere("message"),
                of: try call.repository(),
                by: call.actor
            )
            return .json([:])
        }
    }

    private var deleteTag: APIOperation {
        APIOperation(
            .delete,
            "/api/{repoType}/{namespace}/{name}/tag/{tag}",
            id: "deleteTag",
            "Deletes a tag.",
            tag: .refs,
            need: .writeRepository,
            answers: [200: .json(.object([]))]
        ) { call in
            try await hub.commits.deleteTag(call.parameter("tag"), of: try call.repository(), by: call.actor)
            return .json([:])
        }
    }

    private var squash: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/super-squash/{branch}",
            id: "squashHistory",
            "Makes one commit without parents out of a branch: its files stay, its history goes.",
            tag: .commits,
            need: .writeRepository,
            body: .json(.object([.optional("message", .nullable(.string))])),
            answers: [200: .json(.object([]))]
        ) { call in
            let body = try await call.objectOrNothing()
            try await hub.commits.squash(
                call.parameter("branch"),
                message: try body.textIfThere("message") ?? "",
                of: try call.repository(),
                by: call.actor
            )
            return .json([:])
        }
    }
}
