extension AccessTable {
    /// An administrator who asks for something that is not there, or does not say what, is past the gate.
    private static func gate(_ path: [String: String] = [:]) -> AccessEntry {
        AccessEntry(path: path, body: #"{"role":1,"graceSeconds":"x","to":1,"objects":1}"#)
            .lettingThrough(400, 404)
    }

    /// An entry for each operation of the administration of the hub.
    static let administrationEntries: [String: AccessEntry] = [
        // Users
        "adminListUsers": .plain,
        "adminCreateUser": .body(#"{"name":"$fresh"}"#),
        "adminGetUser": .path(["user": "$outsider"]),
        "adminChangeUser": .path(["user": "$outsider"]).body("{}"),
        "adminSetPassword": gate(["user": "$outsider"]),
        "adminListTokensOfUser": .path(["user": "$outsider"]),
        "adminRevokeToken": gate(["user": "$outsider", "id": "$fresh"]),
        "adminListTokens": .plain,
        // Keys
        "adminListKeys": .plain,
        "adminRemoveKey": gate(["id": "$fresh"]),
        "adminListKeysOfUser": .path(["user": "$outsider"]),
        "adminListDeployKeys": .plain,
        "adminAddDeployKey": gate(),
        "adminRemoveDeployKey": gate(["id": "$fresh"]),
        "adminListKeysOfOrganization": gate(["organization": "$fresh"]),
        "adminAddKeyToOrganization": gate(["organization": "$fresh"]),
        "adminRemoveKeyOfOrganization": gate(["organization": "$fresh", "id": "$fresh"]),
        // Organisations
        "adminListOrganizations": .plain,
        "adminCreateOrganization": .body(#"{"name":"$fresh"}"#),
        "adminListMembers": gate(["organization": "$fresh"]),
        "adminSetMember": gate(["organization": "$fresh", "user": "$outsider"]),
        "adminRemoveMember": gate(["organization": "$fresh", "user": "$outsider"]),
        // Repositories
        "adminListRepositories": .plain,
        "adminGetRepository": .plain,
        "adminChangeRepository": .body("{}"),
        "adminDeleteRepository": AccessEntry.plain.consuming,
        "adminMoveRepository": .body(#"{"to":"$namespace/$fresh"}"#).consuming,
        "adminCheckRepository": .body("{}"),
        "adminListGrants": .plain,
        "adminSetGrant": .path(["user": "$outsider"]).body(#"{"role":"read"}"#).consuming,
        "adminRemoveGrant": gate(["user": "$outsider"]),
        "adminListProtectedRefs": .plain,
        "adminProtectRefs": .body(#"{"pattern":"refs/heads/$fresh"}"#).consuming,
        "adminUnprotectRefs": gate(),
        // Large files
        "adminGetLargeFileUsage": .plain,
        "adminGetLargeFileUsageOfRepository": .plain,
        "adminSetQuotaOfRepository": gate(),
        "adminGetLargeFileUsageOfNamespace": .plain,
        "adminSetQuotaOfNamespace": gate(),
        "adminDeleteLargeFile": gate(["oid": "$fresh"]),
        "adminCollectLargeFiles": gate(),
        "adminPreviewCollection": gate(),
        "adminUndoCollections": .body("{}"),
        "adminCheckLargeFiles": gate(),
        // The server
        "adminListAudit": .plain,
        "adminListJobs": .plain,
    ]

    /// An entry for each operation about one's own account.
    static let accountEntries: [String: AccessEntry] = [
        "whoAmI": .plain,
        "listTokens": .plain,
        "createToken": .body(#"{"name":"$fresh","role":"read"}"#),
        "revokeToken": .path(["id": "$made"]).afterOwn("createToken", made: "accessToken.id"),
        "listKeys": .plain,
        "addKey": .body(#"{"key":"ssh-ed25519 AAAA"}"#).lettingThrough(400),
        "removeKey": .untried("it takes a key of one's own: AccountsOverREST has one"),
        "getProfile": .plain,
        "changeProfile": .body("{}"),
        "changePassword": .body(#"{"password":"short"}"#).lettingThrough(400),
        "getUserOverview": .path(["name": "$outsider"]),
        "getOrganizationOverview": .path(["name": "$fresh"]).lettingThrough(404),
        "listMembers": .path(["name": "$fresh"]).lettingThrough(404),
        "listFollowersOfOrganization": .path(["name": "$fresh"]).lettingThrough(404),
        "listFollowers": .path(["name": "$outsider"]),
        "listFollowing": .path(["name": "$outsider"]),
        "followUser": .path(["name": "$outsider"]).lettingThrough(400),
        "unfollowUser": .path(["name": "$outsider"]).lettingThrough(400),
        "followOrganization": .path(["name": "$fresh"]).lettingThrough(404),
        "unfollowOrganization": .path(["name": "$fresh"]).lettingThrough(404),
        "listLikes": .path(["user": "$outsider"]),
        "listOwnStorage": .plain,
        "listOrganizationStorage": .path(["organization": "$fresh"]).lettingThrough(404),
    ]
}
