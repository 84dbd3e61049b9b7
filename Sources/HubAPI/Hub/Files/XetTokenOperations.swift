import Access
import HTTPTypes
import HubCore
import JSON

/// Tokens for the storage of chunks.
///
/// - Source: hf-api, "Xet receiver"; Xet protocol specification, "Token route".
struct XetTokenOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] {
        [
            operation("xet-read-token", id: "getXetReadToken", "A token to download by chunks.", .readContent) { call in
                let address = try call.repository()
                let revision = call.parameter("revision")
                try await hub.files.require(revision, mayBeUnborn: false, of: address, .readContent, by: call.actor)
                return try await hub.xet.passForReading(address, by: call.actor)
            },
            operation("xet-write-token", id: "getXetWriteToken", "A token to upload by chunks.", .writeRepository) {
                call in
                let address = try call.repository()
                let revision = Self.target(of: call)
                try await hub.files.require(revision, mayBeUnborn: true, of: address, .writeRepository, by: call.actor)
                return try await hub.xet.passForWriting(address, by: call.actor)
            },
        ]
    }

    /// What an upload is for: clients write "None" for a pull request to the default branch.
    private static func target(of call: APICall) -> String {
        let revision = call.parameter("revision")
        return revision == "None" && call.flag("create_pr") ? "HEAD" : revision
    }

    private func operation(
        _ verb: String,
        id: String,
        _ summary: String,
        _ need: APIOperation.Need,
        _ pass: @escaping @Sendable (APICall) async throws -> XetAccess.Pass
    ) -> APIOperation {
        APIOperation(
            .get,
            PathTemplate("/api/{repoType}/{namespace}/{name}/\(verb)/{revision}"),
            id: id,
            summary,
            tag: .largeFiles,
            need: need,
            query: [.init("create_pr", .boolean, "Whether the upload is for a pull request.")],
            answers: [
                200: .json(
                    .object([
                        .required("casUrl", .string), .required("exp", .integer), .required("accessToken", .string),
                    ])
                )
            ]
        ) { call in .xetToken(try await pass(call), base: call.base) }
    }
}

extension Answer {
    /// A token both ways: newer clients read the body, older ones the fields.
    fileprivate static func xetToken(_ pass: XetAccess.Pass, base: String) -> Answer {
        let url = "\(base)/\(XetRoute.base)/\(pass.scope)"
        return .json(
            ["casUrl": .string(url), "exp": .integer(pass.expiresAt), "accessToken": .string(pass.token)],
            headers: [
                .xetCASURL: url, .xetAccessToken: pass.token, .xetTokenExpiration: String(pass.expiresAt),
                .cacheControl: "no-store",
            ]
        )
    }
}
