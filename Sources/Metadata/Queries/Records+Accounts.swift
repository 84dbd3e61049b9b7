package import Access

extension Records {
    /// Adds a user and the namespace of the same name.
    /// - Throws: `conflict` when a namespace has that name in any case, or the id is taken.
    package func insertUser(_ user: UserRecord) throws(MetadataError) {
        try insertNamespace(
            NamespaceRecord(id: user.id, name: user.name, kind: .user, createdAt: user.createdAt)
        )
        try connection.run(
            """
            INSERT INTO users (id, email, full_name, is_admin, is_disabled, password_hash)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .id(user.id), .text(orNull: user.email), .text(orNull: user.fullName), .flag(user.isAdmin),
                .flag(user.isDisabled), .text(orNull: user.passwordHash),
            ]
        )
    }

    /// The user with an id.
    package func user(id: RecordID) throws(MetadataError) -> UserRecord? {
        guard let row = try connection.first("\(Self.userSelection) WHERE u.id = $1", [.id(id)]) else { return nil }
        return try UserRecord(row: row)
    }

    /// The user with a name, in any case.
    package func user(named name: String) throws(MetadataError) -> UserRecord? {
        let sql = "\(Self.userSelection) WHERE n.folded_name = $1"
        guard let row = try connection.first(sql, [.text(foldedName(name))]) else { return nil }
        return try UserRecord(row: row)
    }

    /// All users, by name without regard to case.
    package func users() throws(MetadataError) -> [UserRecord] {
        try connection.query("\(Self.userSelection) ORDER BY n.folded_name", []).map(UserRecord.init(row:))
    }

    /// A page of users, by name without regard to case.
    /// - Parameters:
    ///   - after: the last name of the page before, in any case; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func users(after: String?, limit: Int) throws(MetadataError) -> [UserRecord] {
        try connection.query(
            "\(Self.userSelection) WHERE n.folded_name > $1 ORDER BY n.folded_name LIMIT $2",
            [.text(after.map(foldedName) ?? ""), Self.page(limit)]
        ).map(UserRecord.init(row:))
    }

    /// Replaces what a user says of the person behind the account.
    /// - Throws: `notFound` when there is no such user.
    package func setProfile(userID: RecordID, fullName: String?, email: String?) throws(MetadataError) {
        try change(
            "UPDATE users SET full_name = $2, email = $3 WHERE id = $1",
            [.id(userID), .text(orNull: fullName), .text(orNull: email)]
        )
    }

    /// Closes or opens all ways in for a user.
    /// - Throws: `notFound` when there is no such user.
    package func setUserDisabled(id: RecordID, _ isDisabled: Bool) throws(MetadataError) {
        try change("UPDATE users SET is_disabled = $2 WHERE id = $1", [.id(id), .flag(isDisabled)])
    }

    /// Replaces a user's password hash; nil takes the password away.
    /// - Throws: `notFound` when there is no such user.
    package func setPasswordHash(userID: RecordID, _ hash: String?) throws(MetadataError) {
        try change("UPDATE users SET password_hash = $2 WHERE id = $1", [.id(userID), .text(orNull: hash)])
    }

    /// Makes a user an administrator of the hub, or an ordinary user.
    /// - Throws: `notFound` when there is no such user.
    package func setAdministrator(userID: RecordID, _ isAdmin: Bool) throws(MetadataError) {
        try change("UPDATE users SET is_admin = $2 WHERE id = $1", [.id(userID), .flag(isAdmin)])
    }

    /// How many users administer the hub and are not disabled.
    package func administratorCount() throws(MetadataError) -> Int {
        try count("SELECT count(*) AS count FROM users WHERE is_admin = 1 AND is_disabled = 0", [])
    }

    /// How many users there are.
    package func userCount() throws(MetadataError) -> Int {
        try count("SELECT count(*) AS count FROM users", [])
    }

    private static let userSelection = """
        SELECT u.id, n.name, u.email, u.full_name, u.is_admin, u.is_disabled, u.password_hash, n.created_at
        FROM users u JOIN namespaces n ON n.id = u.id
        """
}
