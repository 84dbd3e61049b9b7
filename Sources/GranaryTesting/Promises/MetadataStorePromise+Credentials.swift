import Access
import Metadata

extension MetadataStorePromise {
    static let credentials = [
        MetadataStorePromise("a token is found by its hash, with all its parts") { store in
            let ada = try Sample.user(1, "ada")
            let tiny = try Sample.repository(2, "tiny", of: ada)
            var token = try Sample.token(3, "ci", of: ada)
            token.namespaceID = ada.id
            token.repositoryID = tiny.id
            token.expiresAt = Sample.time.adding(seconds: 60)
            try await store.transaction { [token] records in
                try records.insertUser(ada)
                try records.insertRepository(tiny)
                try records.insertToken(token)
                try records.insertToken(try Sample.token(4, "laptop", of: ada))
            }
            try await store.read { [token] records in
                try promise(try records.token(hash: token.hash), is: token)
                try promise(try records.token(hash: "other"), is: nil)
                try promise(try records.token(userID: ada.id, named: "ci"), is: token)
                try promise(try records.tokens(userID: ada.id).map(\.name), is: ["ci", "laptop"])
                try promise(try records.tokens(userID: nil).count, is: 2)
                try promise(try records.tokens(userID: try Sample.id(9)), is: [])
            }
        },
        MetadataStorePromise("the name of a token can be used again once it is revoked") { store in
            let ada = try Sample.user(1, "ada")
            let (first, second) = (try Sample.token(2, "ci", of: ada), try Sample.token(3, "ci", of: ada))
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertToken(first)
            }
            try await promiseFailure(isConflict) { try await store.transaction { try $0.insertToken(second) } }
            try await store.transaction { records in
                try records.revokeToken(id: first.id, at: Sample.time)
                try records.insertToken(second)
                try records.revokeToken(id: first.id, at: Sample.time.adding(seconds: 5))
            }
            try await store.read { records in
                try promise(try records.token(hash: first.hash)?.revokedAt, is: Sample.time)
                try promise(try records.token(userID: ada.id, named: "ci"), is: second)
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction { try $0.revokeToken(id: try Sample.id(9), at: Sample.time) }
            }
        },
        MetadataStorePromise("the use of a token is noted once a minute") { store in
            let ada = try Sample.user(1, "ada")
            let token = try Sample.token(2, "ci", of: ada)
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertToken(token)
            }
            for (seconds, noted) in [(0, 0), (59, 0), (60, 60), (100, 60), (121, 121)] as [(Int64, Int64)] {
                let moment = Sample.time.adding(seconds: seconds)
                let before = try present(try await store.read { try $0.token(hash: token.hash) })
                try await store.transaction { try $0.touchToken(id: token.id, at: moment) }
                let after = try present(try await store.read { try $0.token(hash: token.hash) })
                try promise(after.lastUsedAt, is: Sample.time.adding(seconds: noted))
                try promise(before.needsTouch(at: moment), is: before != after)
            }
        },
        MetadataStorePromise("a token restricted to a repository goes with it") { store in
            let ada = try Sample.user(1, "ada")
            let tiny = try Sample.repository(2, "tiny", of: ada)
            var token = try Sample.token(3, "ci", of: ada)
            token.repositoryID = tiny.id
            try await store.transaction { [token] records in
                try records.insertUser(ada)
                try records.insertRepository(tiny)
                try records.insertToken(token)
                try records.deleteRepository(id: tiny.id)
                try promise(try records.token(hash: token.hash), is: nil)
            }
        },
        MetadataStorePromise("a fine-grained token keeps its permissions in order, and loses those of what goes") {
            store in
            let ada = try Sample.user(1, "ada")
            let tiny = try Sample.repository(2, "tiny", of: ada)
            var token = try Sample.token(3, "ci", of: ada)
            let entries: [TokenPermissions.Entry] = [
                .init(place: .repository(tiny.id), verbs: [.write]), .init(place: .hub, verbs: [.discussions]),
                .init(place: .namespace(ada.id), verbs: [.read, .discussions]),
            ]
            token.permissions = TokenPermissions(entries: entries, managesAccount: true, administersHub: true)
            var empty = try Sample.token(4, "empty", of: ada)
            empty.permissions = TokenPermissions()
            try await store.transaction { [token, empty] records in
                try records.insertUser(ada)
                try records.insertRepository(tiny)
                try records.insertToken(token)
                try records.insertToken(empty)
                try promise(try records.token(hash: token.hash), is: token)
                try promise(try records.tokens(userID: ada.id), is: [token, empty])
                try promise(try records.tokens(after: token.id, limit: 5), is: [empty])
                try records.deleteRepository(id: tiny.id)
                let left = try records.token(id: token.id)?.permissions
                try promise(left?.entries, is: Array(entries.dropFirst()))
                try promise(left?.managesAccount, is: true)
            }
        },
        MetadataStorePromise("ended tokens are forgotten but for the last") { store in
            let (ada, bob) = (try Sample.user(1, "ada"), try Sample.user(2, "bob"))
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertUser(bob)
                for number in 10..<20 as Range<UInt16> {
                    var token = try Sample.token(number, "t\(number)", of: number < 18 ? ada : bob)
                    if number < 13 { token.revokedAt = Sample.time }
                    if number == 13 || number == 18 { token.expiresAt = Sample.time }
                    if number == 14 { token.expiresAt = Sample.time.adding(seconds: 1) }
                    try records.insertToken(token)
                }
                try promise(try records.goodTokenCount(userID: ada.id, at: Sample.time), is: 4)
                try records.forgetEndedTokens(userID: ada.id, keeping: 2, at: Sample.time)
                let left = try records.tokens(userID: ada.id).map(\.name)
                try promise(left, is: ["t12", "t13", "t14", "t15", "t16", "t17"])
                try promise(try records.tokens(userID: bob.id).count, is: 2)
            }
        },
    ]
}
