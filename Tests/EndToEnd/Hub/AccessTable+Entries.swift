extension AccessTable {
    private static let commit = """
        {"key":"header","value":{"summary":"text","description":""}}
        {"key":"file","value":{"path":"$fresh.txt","content":"text","encoding":"utf-8"}}
        """

    private static let webhook = #"{"url":"https://hooks.example/x","watched":[{"type":"user","name":"alice"}]}"#
    private static let value = #"{"key":"KEY","value":"text"}"#
    private static let key = #"{"key":"KEY"}"#

    /// An entry for each operation, by its id.
    static let entries = hubEntries.merging(accountEntries) { $1 }.merging(administrationEntries) { $1 }

    private static let hubEntries: [String: AccessEntry] = [
        // Repositories
        "createRepository": .body(#"{"name":"$fresh","organization":"$namespace"}"#),
        "deleteRepository": .body(#"{"name":"$name","organization":"$namespace"}"#).consuming,
        "moveRepository": .body(#"{"fromRepo":"$id","toRepo":"$namespace/$fresh"}"#).consuming,
        "getRepository": .plain,
        "getRepositoryAtRevision": .plain,
        "checkReading": .plain,
        "checkWriting": .plain,
        "changeSettings": .body("{}"),
        "duplicateRepository": .body(#"{"repository":"$namespace/$fresh"}"#).need(.readContent).lettingThrough(
            401,
            403
        ),
        // Lists
        "listRepositories": .plain,
        "searchSpaces": .query("q=fresh"),
        "listModelTags": .plain,
        "listDatasetTags": .plain,
        "validateCard": .body(#"{"content":"---\nlicense: mit\n---\n"}"#),
        "likeRepository": .plain,
        "unlikeRepository": .plain,
        "listLikers": .plain,
        // Files
        "listRoot": .plain,
        "listFolder": .path(["path": "data"]),
        "getPathsInfo": .body(#"{"paths":[".gitattributes"]}"#),
        "listRefs": .plain,
        "getWeightHeaders": AccessEntry.plain.lettingThrough(404),
        "listCommits": .plain,
        "compareRevisions": .path(["comparison": "main..main"]),
        "resolveFile": .plain,
        "getRawFile": .plain,
        "getXetReadToken": .plain,
        "getXetWriteToken": .plain,
        // Gates
        "askAccess": .body(#"{"why":"research"}"#).lettingThrough(400),
        "listAccessRequests": .path(["status": "pending"]),
        "handleAccessRequest": .body(#"{"user":"$outsider","status":"accepted"}"#).lettingThrough(400, 404),
        "grantAccess": .body(#"{"user":"$outsider"}"#).lettingThrough(400),
        // Commits and refs
        "adviseUpload": .body(#"{"files":[{"path":"a.txt","size":1}]}"#),
        "createCommit": .body(commit),
        "createCommit#pull request": .body(commit).query("create_pr=1").need(.participate),
        "createBranch": .path(["branch": "$fresh"]),
        "deleteBranch": .path(["branch": "$fresh"]).after("createBranch"),
        "createTag": .body(#"{"tag":"$fresh"}"#),
        "deleteTag": .path(["tag": "$fresh"]).after("createTag"),
        "squashHistory": .path(["branch": "$fresh"]).after("createBranch"),
        "listLargeFiles": .plain,
        "deleteLargeFiles": .body(#"{"deletions":{"sha":[],"rewriteHistory":true}}"#),
        "copyLargeFiles": .body(#"{"target":{"type":"$type","name":"$id"},"files":[]}"#)
            .need(.writeRepository),
        // Discussions
        "listDiscussions": .plain,
        "createDiscussion": .body(#"{"title":"$fresh","description":"text"}"#).need(.participate),
        "createDiscussion#pull request":
            .body(#"{"title":"$fresh","description":"text","pullRequest":true}"#).need(.participate),
        "getDiscussion": .path(["num": "$made"]).after("createDiscussion", made: "num"),
        "commentDiscussion": .path(["num": "$made"]).body(#"{"comment":"text"}"#).need(.participate)
            .after("createDiscussion", made: "num"),
        "editComment": .path(["num": "$before", "comment": "$made"]).body(#"{"content":"text"}"#).need(.participate)
            .afterOwn("commentDiscussion", made: "newMessage.id"),
        "hideComment": .path(["num": "$before", "comment": "$made"]).need(.participate)
            .afterOwn("commentDiscussion", made: "newMessage.id"),
        "renameDiscussion": .path(["num": "$made"]).body(#"{"title":"$fresh again"}"#).need(.participate)
            .afterOwn("createDiscussion", made: "num"),
        "setDiscussionStatus": .path(["num": "$made"]).body(#"{"status":"closed"}"#).need(.participate)
            .afterOwn("createDiscussion", made: "num"),
        "mergePullRequest": .path(["num": "$made"]).lettingThrough(400, 409)
            .after("createDiscussion#pull request", made: "num"),
        "attachFile": .body("text").lettingThrough(400)
            .except(.ownersReadToken, .hubAdminsReadToken, get: .forbidden),
        "getAttachment": .path(["file": "$fresh.png"]).lettingThrough(404),
        // Collections
        "listCollections": .plain,
        "createCollection": .body(#"{"title":"$fresh","namespace":"$namespace"}"#),
        "getCollection": .path(["slug": "$fresh"]).lettingThrough(404),
        "updateCollection": .path(["slug": "$made"]).body("{}").after("createCollection", made: "_id"),
        "addCollectionItem": .path(["slug": "$made"]).body(#"{"item":{"id":"2307.09288","type":"paper"}}"#)
            .after("createCollection", made: "_id"),
        "updateCollectionItem": .path(["slug": "$made", "item": "$fresh"]).body("{}").lettingThrough(404)
            .after("createCollection", made: "_id"),
        "deleteCollectionItem": .path(["slug": "$made", "item": "$fresh"]).lettingThrough(404)
            .after("createCollection", made: "_id"),
        "deleteCollection": .path(["slug": "$made"]).after("createCollection", made: "_id"),
        // Webhooks
        "listWebhooks": .plain,
        "createWebhook": .body(webhook),
        "getWebhook": .path(["id": "$made"]).afterOwn("createWebhook", made: "webhook.id"),
        "updateWebhook": .path(["id": "$made"]).body(#"{"watched":[],"domains":["repo"]}"#)
            .afterOwn("createWebhook", made: "webhook.id"),
        "enableWebhook": .path(["id": "$made"]).afterOwn("createWebhook", made: "webhook.id"),
        "disableWebhook": .path(["id": "$made"]).afterOwn("createWebhook", made: "webhook.id"),
        "deleteWebhook": .path(["id": "$made"]).afterOwn("createWebhook", made: "webhook.id"),
        "listWebhookDeliveries": .path(["id": "$made"]).afterOwn("createWebhook", made: "webhook.id"),
        "getWebhookDelivery": .path(["id": "$made", "delivery": "0123456789abcdef0123456789abcdef"])
            .afterOwn("createWebhook", made: "webhook.id").lettingThrough(404),
        "replayWebhookDelivery": .path(["id": "$made", "delivery": "0123456789abcdef0123456789abcdef"])
            .afterOwn("createWebhook", made: "webhook.id").lettingThrough(404),
        // Spaces
        "listSpaceVariables": .plain,
        "setSpaceVariable": .body(value),
        "removeSpaceVariable": .body(key).after("setSpaceVariable"),
        "listSpaceSecrets": .plain,
        "setSpaceSecret": .body(value.replacing("KEY", with: "SECRET")),
        "removeSpaceSecret": .body(key.replacing("KEY", with: "SECRET")).after("setSpaceSecret"),
        "getSpaceRuntime": .plain,
        "requestSpaceHardware": .plain.lettingThrough(501),
        "setSpaceSleepTime": .plain.lettingThrough(501),
        "pauseSpace": .plain.lettingThrough(501),
        "restartSpace": .plain.lettingThrough(501),
        "setSpaceDevMode": .plain.lettingThrough(501),
        "requestSpaceStorage": .plain.lettingThrough(501),
        "deleteSpaceStorage": .plain.lettingThrough(501),
        "setSpaceVolumes": .plain.lettingThrough(501),
        "deleteSpaceVolumes": .plain.lettingThrough(501),
        "getSpaceLogs": .path(["log": "run"]).lettingThrough(501),
        "listSpaceHardware": .plain,
        "listSpaceTemplates": .plain,
        "listJobHardware": .plain,
        // The server
        "getSSHEndpoint": .plain,
        "getOpenAPI": .plain,
    ]
}
