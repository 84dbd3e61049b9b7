import Access
import HTTPTypes
import HubCore
import JSON

/// That nothing runs here, in the words of those who ask.
struct RuntimeOperations: Sendable {
    let hub: Hub

    var all: [APIOperation] { [runtime] + refused + lists }

    private static let space = "/api/spaces/{namespace}/{name}"

    private var runtime: APIOperation {
        APIOperation(
            .get,
            PathTemplate("\(Self.space)/runtime"),
            id: "getSpaceRuntime",
            "How far a space is from running; none does here.",
            tag: .spaces,
            need: .readRepository,
            answers: [200: .json(Self.runtimeSchema)]
        ) { call in
            let stage = try await hub.spaces.stage(of: try call.repository(of: .space), by: call.actor)
            return .json([
                "stage": .string(stage.rawValue), "hardware": ["current": .null, "requested": .null],
                "storage": .null, "gcTimeout": .null, "replicas": ["current": 0, "requested": 0], "devMode": false,
            ])
        }
    }

    private static let runtimeSchema = APISchema.object([
        .required("stage", .word(Spaces.Stage.allCases.map(\.rawValue))),
        .required(
            "hardware",
            .object([.required("current", .nullable(.string)), .required("requested", .nullable(.string))])
        ),
        .required("storage", .nullable(.string)), .required("gcTimeout", .nullable(.integer)),
        .required("replicas", .object([.required("current", .integer), .required("requested", .integer)])),
        .required("devMode", .boolean),
    ])

    /// What would make a space run, or change how.
    private var refused: [APIOperation] {
        [
            refusal(.post, "/hardware", id: "requestSpaceHardware", "Asks for hardware"),
            refusal(.post, "/sleeptime", id: "setSpaceSleepTime", "Lets a space sleep when nobody uses it"),
            refusal(.post, "/pause", id: "pauseSpace", "Pauses a space"),
            refusal(.post, "/restart", id: "restartSpace", "Starts a space again"),
            refusal(.post, "/dev-mode", id: "setSpaceDevMode", "Opens a space for development"),
            refusal(.post, "/storage", id: "requestSpaceStorage", "Asks for storage"),
            refusal(.delete, "/storage", id: "deleteSpaceStorage", "Gives storage back"),
            refusal(.put, "/volumes", id: "setSpaceVolumes", "Mounts volumes"),
            refusal(.delete, "/volumes", id: "deleteSpaceVolumes", "Unmounts all volumes"),
            refusal(.get, "/logs/{log}", id: "getSpaceLogs", "What a space wrote"),
        ]
    }

    private func refusal(
        _ method: HTTPRequest.Method,
        _ path: String,
        id: String,
        _ summary: String
    ) -> APIOperation {
        APIOperation(
            method,
            PathTemplate(Self.space + path),
            id: id,
            "\(summary); spaces do not run here.",
            tag: .spaces,
            need: .administerRepository,
            answers: [:]
        ) { call in
            try await hub.spaces.requireAdministration(of: try call.repository(of: .space), by: call.actor)
            throw HTTPFailure(.notImplemented, "This hub keeps spaces and does not run them.")
        }
    }

    /// Lists of what there would be to run on and with.
    private var lists: [APIOperation] {
        [
            list("/api/spaces/hardware", id: "listSpaceHardware", "Hardware for spaces: none.", .array(.any), []),
            list("/api/jobs/hardware", id: "listJobHardware", "Hardware for jobs: none.", .array(.any), []),
            list(
                "/api/spaces/templates",
                id: "listSpaceTemplates",
                "Templates of spaces: none.",
                .object([.required("templates", .array(.any))]),
                ["templates": []]
            ),
        ]
    }

    private func list(
        _ path: PathTemplate,
        id: String,
        _ summary: String,
        _ schema: APISchema,
        _ answer: JSONValue
    ) -> APIOperation {
        APIOperation(.get, path, id: id, summary, tag: .spaces, need: .nothing, answers: [200: .json(schema)]) { _ in
            .json(answer)
        }
    }
}
