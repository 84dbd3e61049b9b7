import Access
import Metadata

extension MetadataStorePromise {
    static let accounts = [
        MetadataStorePromise("a user is found by id and by name in any case") { store in
            var ada = try Sample.user(1, "Ada")
            ada.email = "ada@example.org"
            ada.fullName = "Ada L\u{F6}velace"
            ada.isAdmin = true
            ada.passwordHash = "$scrypt$"
            let bob = try Sample.user(2, "bob")
            try await store.transaction { [ada] records in
                try records.insertUser(bob)
                try records.insertUser(ada)
            }
            try await store.read { [ada] records in
                try promise(try records.user(id: ada.id), is: ada)
                try promise(try records.user(named: "aDA"), is: ada)
                try promise(try records.user(named: "eve"), is: nil)
                try promise(try records.user(id: try Sample.id(9)), is: nil)
                try promise(try records.users(), is: [ada, bob])
                try promise(try records.userCount(), is: 2)
                try promise(try records.namespace(named: "ADA")?.kind, is: .user)
                try promise(try records.namespace(id: ada.id)?.name, is: "Ada")
            }
        },
        MetadataStorePromise("a name is taken in every case, for users and organisations alike") { store in
            try await store.transaction { try $0.insertUser(try Sample.user(1, "ada")) }
            for name in ["ada", "Ada", "ADA"] {
                try await promiseFailure(isConflict) {
                    try await store.transaction { try $0.insertUser(try Sample.user(2, name)) }
                }
                try await promiseFailure(isConflict) {
                    try await store.transaction { try $0.insertOrganization(try Sample.organization(3, name)) }
                }
            }
            try promise(try await store.read { try $0.userCount() }, is: 1)
        },
        MetadataStorePromise("a user can be changed") { store in
            let ada = try Sample.user(1, "ada")
            try await store.transaction { records in
                try records.insertUser(ada)
                try promise(try records.administratorCount(), is: 0)
                try records.setAdministrator(userID: ada.id, true)
                try records.setPasswordHash(userID: ada.id, "secret")
                try promise(try records.administratorCount(), is: 1)
                try records.setUserDisabled(id: ada.id, true)
                try promise(try records.administratorCount(), is: 0)
            }
            let changed = try present(try await store.read { try $0.user(id: ada.id) })
            try promise(changed.isAdmin && changed.isDisabled, "both flags are set")
            try promise(changed.passwordHash, is: "secret")
            try await store.transaction { try $0.setPasswordHash(userID: ada.id, nil) }
            try promise(try await store.read { try $0.user(id: ada.id)?.passwordHash }, is: nil)
        },
        MetadataStorePromise("changing a user who does not exist is refused") { store in
            let nobody = try Sample.id(9)
            try await promiseFailure(isNotFound) {
                try await store.transaction { try $0.setUserDisabled(id: nobody, true) }
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction { try $0.setAdministrator(userID: nobody, true) }
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction { try $0.setPasswordHash(userID: nobody, nil) }
            }
        },
        MetadataStorePromise("a failure takes back what came before it") { store in
            try await promiseFailure(isConflict) {
                try await store.transaction { records in
                    try records.insertUser(try Sample.user(1, "ada"))
                    try records.insertUser(try Sample.user(2, "ADA"))
                }
            }
            try promise(try await store.read { try $0.users() }, is: [])
        },
    ]

    static let organizations = [
        MetadataStorePromise("an organisation has members with roles") { store in
            let (ada, bob) = (try Sample.user(1, "ada"), try Sample.user(2, "Bob"))
            let lab = try Sample.organization(3, "Lab")
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertUser(bob)
                try records.insertOrganization(lab)
                try records.setMembership(organizationID: lab.id, userID: bob.id, role: .read)
                try records.setMembership(organizationID: lab.id, userID: ada.id, role: .read)
                try records.setMembership(organizationID: lab.id, userID: ada.id, role: .admin)
            }
            try await store.read { records in
                try promise(try records.organizations(), is: [lab])
                try promise(try records.membership(organizationID: lab.id, userID: ada.id), is: .admin)
                try promise(try records.members(organizationID: lab.id).map(\.userName), is: ["ada", "Bob"])
                let membership = MembershipRecord(
                    organizationID: lab.id,
                    organizationName: "Lab",
                    userID: bob.id,
                    userName: "Bob",
                    role: .read
                )
                try promise(try records.memberships(userID: bob.id), is: [membership])
                try promise(try records.user(named: "lab"), is: nil)
            }
            try await store.transaction { records in
                try records.setMembership(organizationID: lab.id, userID: ada.id, role: nil)
                try records.setMembership(organizationID: lab.id, userID: ada.id, role: nil)
            }
            try promise(try await store.read { try $0.memberships(userID: ada.id) }, is: [])
        },
        MetadataStorePromise("only organisations have members, and only users are members") { store in
            let (ada, bob) = (try Sample.user(1, "ada"), try Sample.user(2, "bob"))
            let lab = try Sample.organization(3, "lab")
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertUser(bob)
                try records.insertOrganization(lab)
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction {
                    try $0.setMembership(organizationID: ada.id, userID: bob.id, role: .read)
                }
            }
            try await promiseFailure(isConflict) {
                try await store.transaction {
                    try $0.setMembership(organizationID: lab.id, userID: lab.id, role: .read)
                }
            }
        },
        MetadataStorePromise("users, organisations and members are paged by name, whatever its case") { store in
            let names = ["Ada", "bob", "Carl", "dora"]
            try await store.transaction { records in
                for (number, name) in names.enumerated() {
                    try records.insertUser(try Sample.user(UInt16(number + 1), name))
                }
                for (number, name) in ["acme", "Beta"].enumerated() {
                    try records.insertOrganization(try Sample.organization(UInt16(number + 20), name))
                }
                for number in 1...4 as ClosedRange<UInt16> {
                    let (organization, user) = (try Sample.id(20), try Sample.id(number))
                    try records.setMembership(organizationID: organization, userID: user, role: .read)
                }
                try promise(try records.users(after: nil, limit: 2).map(\.name), is: ["Ada", "bob"])
                try promise(try records.users(after: "BOB", limit: 9).map(\.name), is: ["Carl", "dora"])
                try promise(try records.users(after: "dora", limit: 9), is: [])
                try promise(try records.organizations(after: nil, limit: 1).map(\.name), is: ["acme"])
                try promise(try records.organizations(after: "ACME", limit: 9).map(\.name), is: ["Beta"])
                let members = try records.members(organizationID: try Sample.id(20), after: "Bob", limit: 1)
                try promise(members.map(\.userName), is: ["Carl"])
            }
        },
        MetadataStorePromise("a profile is replaced whole") { store in
            let ada = try Sample.user(1, "ada")
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.setProfile(userID: ada.id, fullName: "Ada L.", email: "ada@example.org")
                let named = try present(try records.user(id: ada.id))
                try promise(named.fullName, is: "Ada L.")
                try promise(named.email, is: "ada@example.org")
                try records.setProfile(userID: ada.id, fullName: nil, email: nil)
                try promise(try records.user(id: ada.id), is: ada)
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction {
                    try $0.setProfile(userID: try Sample.id(9), fullName: nil, email: nil)
                }
            }
        },
        MetadataStorePromise("keys and audit lines are paged by their ids") { store in
            let ada = try Sample.user(1, "ada")
            try await store.transaction { records in
                try records.insertUser(ada)
                for number in 10..<14 as Range<UInt16> {
                    try records.insertKey(try Sample.key(number, of: ada))
                    try records.insertAudit(
                        AuditRecord(
                            id: try Sample.id(number),
                            actor: "ada",
                            action: "a\(number)",
                            subject: "s",
                            createdAt: Sample.time
                        )
                    )
                }
                try promise(try records.keys(after: nil, limit: 3).count, is: 3)
                try promise(try records.keys(after: try Sample.id(12), limit: 3).map(\.id), is: [try Sample.id(13)])
                try promise(try records.audit(limit: 2).map(\.action), is: ["a13", "a12"])
                let older = try records.audit(before: try Sample.id(12), limit: 9)
                try promise(older.map(\.action), is: ["a11", "a10"])
            }
        },
    ]
}
