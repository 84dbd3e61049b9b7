package import Access
package import Metadata

/// Records for tests: the same number always gives the same id.
package enum Sample {
    /// The moment at which everything in the samples happened: 2024-05-01 12:00 UTC.
    package static let time = Timestamp(microseconds: 1_714_564_800_000_000)

    /// The id with a number; greater numbers give greater ids.
    package static func id(_ number: UInt16) throws -> RecordID {
        let bytes = [UInt8](repeating: 0, count: 14) + [UInt8(number >> 8), UInt8(number & 0xff)]
        return try present(RecordID(bytes: bytes))
    }

    /// 40 hexadecimal digits that differ for different numbers.
    package static func oid(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 40 - digits.count)) + digits
    }

    /// A user with a number and a name.
    package static func user(_ number: UInt16, _ name: String) throws -> UserRecord {
        UserRecord(id: try id(number), name: name, createdAt: time)
    }

    /// An organisation with a number and a name.
    package static func organization(_ number: UInt16, _ name: String) throws -> NamespaceRecord {
        NamespaceRecord(id: try id(number), name: name, kind: .organization, createdAt: time)
    }

    /// A repository with a number and a name, in the namespace of `owner`.
    package static func repository(
        _ number: UInt16,
        _ name: String,
        of owner: UserRecord,
        type: RepositoryType = .model,
        visibility: Visibility = .private
    ) throws -> RepositoryRecord {
        RepositoryRecord(
            id: try id(number),
            namespaceID: owner.id,
            namespaceName: owner.name,
            type: type,
            name: name,
            visibility: visibility,
            createdAt: time,
            updatedAt: time
        )
    }

    /// A token with a number and a name.
    package static func token(_ number: UInt16, _ name: String, of user: UserRecord) throws -> TokenRecord {
        TokenRecord(
            id: try id(number),
            userID: user.id,
            name: name,
            hash: "hash-\(number)",
            role: .write,
            createdAt: time
        )
    }

    /// A user's public key with a number.
    package static func key(_ number: UInt16, of user: UserRecord) throws -> KeyRecord {
        try key(number, .user(user.id))
    }

    /// A public key with a number.
    package static func key(_ number: UInt16, _ owner: KeyRecord.Owner) throws -> KeyRecord {
        KeyRecord(
            id: try id(number),
            owner: owner,
            title: "laptop",
            algorithm: "ssh-ed25519",
            publicKey: "AAAA\(number)",
            fingerprint: "SHA256:\(number)",
            createdAt: time
        )
    }
}
