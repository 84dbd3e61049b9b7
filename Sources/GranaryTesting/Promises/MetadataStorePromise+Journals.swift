import Access
import Metadata

extension MetadataStorePromise {
    static let journals = [
        MetadataStorePromise("events are read in order, page by page, and outlive their repository") { store in
            let scene = try await Scene(in: store)
            let events = try (100..<105).map { number in
                EventRecord(
                    id: try Sample.id(number),
                    kind: "refs.updated",
                    repositoryID: number == 102 ? nil : scene.open.id,
                    actor: "ada",
                    payload: #"{"n":\#(number)}"#,
                    createdAt: Sample.time
                )
            }
            try await store.transaction { records in
                for event in events.reversed() { try records.insertEvent(event) }
                try records.deleteRepository(id: scene.open.id)
            }
            try await store.read { records in
                try promise(try records.events(after: nil, limit: 100), is: events)
                try promise(try records.events(after: events[1].id, limit: 2), is: Array(events[2...3]))
                try promise(try records.events(after: events[4].id, limit: 2), is: [])
            }
        },
        MetadataStorePromise("the audit log is read from its end") { store in
            let lines = try (100..<103).map { number in
                AuditRecord(
                    id: try Sample.id(number),
                    actor: number == 101 ? "operator" : "ada",
                    actorID: number == 101 ? nil : try Sample.id(1),
                    action: "repository.created",
                    subject: "model/ada/tiny",
                    address: number == 101 ? nil : "192.0.2.7",
                    requestID: number == 101 ? nil : "r-\(number)",
                    createdAt: Sample.time
                )
            }
            try await store.transaction { records in
                for line in lines { try records.insertAudit(line) }
            }
            try promise(try await store.read { try $0.audit(limit: 100) }, is: lines.reversed())
            try promise(try await store.read { try $0.audit(limit: 1) }, is: [lines[2]])
        },
    ]
}
