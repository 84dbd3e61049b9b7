import Access
import Metadata
import OpenSSLKit

extension Accounts {
    private static let firstTokenName = "first"
    private static let passwordByteCount = 18

    /// Makes the first administrator, when there is no user at all.
    ///
    /// Two processes that start at the same time make one: the transaction looks again.
    /// - Returns: the account's secrets, to be shown once; nil when the hub has users.
    package func bootstrapAdministrator() async throws -> FirstAdministrator? {
        guard try await database.read({ try $0.userCount() }) == 0 else { return nil }
        // 144 random bits, in characters that survive being copied.
        let password = Base64.encode(try environment.randomBytes(Self.passwordByteCount), .urlSafe)
        let token = PlainToken(random: try environment.randomBytes(PlainToken.randomByteCount))
        let user = UserRecord(
            id: try environment.newID(),
            name: NamespaceName.firstAdministrator.text,
            isAdmin: true,
            passwordHash: try await hash(password),
            createdAt: environment.now()
        )
        let record = TokenRecord(
            id: try environment.newID(),
            userID: user.id,
            name: Self.firstTokenName,
            hash: try token.stored(),
            role: .admin,
            createdAt: environment.now()
        )
        let isMade = try await database.transaction { records in
            guard try records.userCount() == 0 else { return false }
            try records.insertUser(user)
            try records.insertToken(record)
            try journal.audit("user.created", user.name, by: .operator, ["isAdmin": "true"], in: records)
            try journal.audit("token.created", user.name, by: .operator, ["name": record.name], in: records)
            return true
        }
        return isMade ? FirstAdministrator(name: user.name, password: password, token: token.text) : nil
    }
}
