import GitCore
import HTTPTypes
import HubCore
import JSON
import NIOCore

/// Refs and commits.
struct HistoryOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [refs.lasting, commits.lasting, compare.lasting] }

    private static let pageSize = 50
    private static let largestPage = 1_000

    private static let refList = APISchema.array(
        .object([.required("name", .string), .required("ref", .string), .required("targetCommit", .string)])
    )

    private var refs: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}/{namespace}/{name}/refs",
            id: "listRefs",
            "Branches and tags with the commits they lead to, and if wanted pull requests.",
            tag: .refs,
            need: .readRepository,
            query: [.init("include_prs", .boolean, "Whether the heads of pull requests are listed.")],
            answers: [
                200: .json(
                    .object([
                        .required("branches", Self.refList), .required("converts", Self.refList),
                        .required("tags", Self.refList), .optional("pullRequests", Self.refList),
                    ])
                )
            ]
        ) { call in
            let refs = try await hub.files.refs(try call.repository(), by: call.actor)
            func list(_ prefix: String) -> JSONValue {
                .array(refs.filter { $0.name.string.hasPrefix(prefix) }.map { $0.json(without: prefix) })
            }
            let answer: JSONValue = [
                "branches": list("refs/heads/"), "converts": list("refs/convert/"), "tags": list("refs/tags/"),
            ]
            let isComplete = call.flag("include_prs")
            return .json(answer.adding("pullRequests", ifThere: isComplete ? list("refs/pr/") : nil))
        }
    }

    private var commits: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}/{namespace}/{name}/commits/{revision}",
            id: "listCommits",
            "The commits that a revision leads to, youngest first.",
            tag: .commits,
            need: .readContent,
            query: [
                .init("limit", .integer, "Commits of a page, at most."),
                .init("p", .integer, "The number of the page, from 0."),
                .init("expand", .string, "'formatted' for title and message as HTML.", isRepeated: true),
            ],
            answers: [200: .json(.array(Self.commit))]
        ) { call in try await list(call) }
    }

    private var compare: APIOperation {
        APIOperation(
            .get,
            "/api/{repoType}/{namespace}/{name}/compare/{comparison}",
            id: "compareRevisions",
            "How the files of two revisions differ, OLD..NEW, or OLD...NEW for what is new since both parted.",
            tag: .commits,
            need: .readContent,
            query: [.init("raw", .boolean, "Whether modes and ids are told in place of lines.")],
            answers: [200: .text]
        ) { call in
            let comparison = try Comparison(call.parameter("comparison"))
            let text = try await hub.gate.pass(as: call.actor.gateClient(at: call.client)) {
                try await hub.files.compare(
                    try call.repository(),
                    comparison,
                    as: call.flag("raw") ? .raw : .patch,
                    by: call.actor
                )
            }
            let type = "text/plain; charset=utf-8"
            return Answer(status: .ok, contentType: type, body: ByteBuffer(string: text))
        }
    }

    private static let commit = APISchema.object([
        .required("id", .string), .required("title", .string), .required("message", .string),
        .required("authors", .array(.object([.required("user", .string), .optional("avatar", .string)]))),
        .required("date", .date),
        .optional("formatted", .object([.required("title", .string), .required("message", .string)])),
    ])

    private func list(_ call: APICall) async throws -> Answer {
        let limit = try call.integer("limit", in: 1...Self.largestPage, default: Self.pageSize)
        let number = try call.integer("p", in: 0...Files.longestHistory, default: 0)
        let skip = min(number * limit, Files.longestHistory)
        let page = try await hub.files.commits(
            try call.repository(),
            revision: call.parameter("revision"),
            skip: skip,
            limit: limit,
            by: call.actor
        )
        let hasMore = skip + page.commits.count < min(page.total, Files.longestHistory)
        var headers = hasMore ? call.next(cursor: String(number + 1), named: "p") : [:]
        headers[.totalCount] = String(page.total)
        let isFormatted = call.values("expand").contains("formatted")
        return .json(.array(page.commits.map { $0.json(isFormatted: isFormatted) }), headers: headers)
    }
}

extension Ref {
    fileprivate func json(without prefix: String) -> JSONValue {
        [
            "name": .string(String(name.string.dropFirst(prefix.count))), "ref": .string(name.string),
            "targetCommit": .string((peeled ?? oid).hex),
        ]
    }
}

extension CommitSummary {
    fileprivate func json(isFormatted: Bool) -> JSONValue {
        let commit: JSONValue = [
            "id": .string(oid.hex), "title": .string(subject), "message": .string(body),
            "authors": [["user": .string(author.isEmpty ? "unknown" : author)]], "date": .string(date),
        ]
        let formatted: JSONValue = ["title": .string(subject.escapedForHTML), "message": .string(body.escapedForHTML)]
        return commit.adding("formatted", ifThere: isFormatted ? formatted : nil)
    }
}

extension String {
    /// The text for HTML: what a person wrote is shown as it was written.
    var escapedForHTML: String {
        var escaped = ""
        for character in self {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
