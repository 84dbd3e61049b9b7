import Access
import GitCore
import HTTPTypes
import HubCore
import JSON
import OpenSSLKit

/// Committing without git.
struct CommitOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [preupload, commit] }

    private static let proposal = APIOperation.Parameter(
        "create_pr",
        .boolean,
        "Whether the commit becomes a pull request instead of moving the branch."
    )

    // MARK: - Preupload

    private var preupload: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/preupload/{revision}",
            id: "adviseUpload",
            "Says for files to be committed which go to large file storage and which are left out.",
            tag: .commits,
            need: .writeRepository,
            query: [Self.proposal],
            body: .json(
                .object([
                    .required(
                        "files",
                        .array(
                            .object([
                                .required("path", .string), .required("size", .integer),
                                .optional("sample", .nullable(.string)),
                            ])
                        )
                    ),
                    .optional("gitIgnore", .nullable(.string)),
                ])
            ),
            answers: [
                200: .json(
                    .object([
                        .required(
                            "files",
                            .array(
                                .object([
                                    .required("path", .string), .required("uploadMode", .word(["lfs", "regular"])),
                                    .required("shouldIgnore", .boolean), .optional("oid", .string),
                                ])
                            )
                        ),
                        .optional("commitOid", .string),
                    ])
                )
            ]
        ) { call in try await advise(call) }
    }

    private func advise(_ call: APICall) async throws -> Answer {
        let body = try await call.object()
        let files = try body.objects("files")
        guard files.count <= Commits.largestPreupload else {
            throw HTTPFailure(.contentTooLarge, "At most \(Commits.largestPreupload) files are looked at once.")
        }
        let candidates = try files.map { file in
            let size = try file.integer("size")
            guard size >= 0 else { throw HTTPFailure(.badRequest, "The size of a file is not negative.") }
            let sample = try file.textIfThere("sample").flatMap { Base64.decode($0) } ?? []
            return UploadCandidate(path: try file.text("path"), size: size, sample: sample)
        }
        let (commit, advice) = try await hub.commits.advice(
            for: candidates,
            ignore: try body.textIfThere("gitIgnore"),
            at: call.parameter("revision"),
            of: try call.repository(),
            mayPropose: Self.proposes(call),
            by: call.actor
        )
        let answers = zip(candidates, advice).map { candidate, advice -> JSONValue in
            let answer: JSONValue = [
                "path": .string(candidate.path), "uploadMode": advice.isLarge ? "lfs" : "regular",
                "shouldIgnore": .bool(advice.isIgnored),
            ]
            return answer.adding("oid", ifThere: advice.oid.map(JSONValue.string))
        }
        let answer: JSONValue = ["files": .array(answers)]
        return .json(answer.adding("commitOid", ifThere: commit.map { .string($0.hex) }))
    }

    // MARK: - Commit

    private var commit: APIOperation {
        APIOperation(
            .post,
            "/api/{repoType}/{namespace}/{name}/commit/{revision}",
            id: "createCommit",
            "Makes a commit out of lines: a header, then files, large files, copies and deletions in order.",
            tag: .commits,
            need: .writeRepository,
            query: [Self.proposal, .init("hot_reload", .boolean, "Ignored: nothing runs here.")],
            body: .lines,
            answers: [
                200: .json(
                    .object([
                        .required("success", .boolean), .required("commitOid", .string),
                        .required("commitUrl", .string), .required("hookOutput", .string),
                        .optional("pullRequestUrl", .string),
                    ])
                )
            ]
        ) { call in
            try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) { try await commit(call) }
        }
    }

    /// Whether the commit is for a pull request, which takes less than the right to write.
    private static func proposes(_ call: APICall) -> Bool {
        call.flag("create_pr") || Discussions.pullRequestNumber(of: call.parameter("revision")) != nil
    }

    private func commit(_ call: APICall) async throws -> Answer {
        let (address, revision) = (try call.repository(), call.parameter("revision"))
        func receive(_ draft: CommitDraft) async throws {
            try await CommitBody(body: call.exchange.body, draft: draft).read()
        }
        if call.flag("create_pr") {
            let (discussions, actor) = (hub.discussions, call.actor)
            let proposal = try await discussions.propose(to: address, revision: revision, by: actor, receive: receive)
            let answer = Self.json(proposal.outcome, call.base)
            let page = "\(call.base)/\(proposal.outcome.address.path)/discussions/\(proposal.num)"
            return .json(answer.adding("pullRequestUrl", .string(page)))
        }
        guard let num = Discussions.pullRequestNumber(of: revision) else {
            let outcome = try await hub.commits.commit(
                to: address,
                revision: revision,
                by: call.actor,
                receive: receive
            )
            return .json(Self.json(outcome, call.base))
        }
        let proposal = try await hub.discussions.commit(
            to: address,
            pullRequest: num,
            by: call.actor,
            receive: receive
        )
        return .json(Self.json(proposal.outcome, call.base))
    }

    private static func json(_ outcome: Commits.Outcome, _ base: String) -> JSONValue {
        [
            "success": true, "commitOid": .string(outcome.commit.hex),
            "commitUrl": "\(base)/\(outcome.address.path)/commit/\(outcome.commit.hex)", "hookOutput": "",
        ]
    }
}
