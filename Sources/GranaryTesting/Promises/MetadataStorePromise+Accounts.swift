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
    ]
}
