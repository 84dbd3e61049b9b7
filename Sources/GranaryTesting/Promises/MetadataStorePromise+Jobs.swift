import Access
import Metadata

extension MetadataStorePromise {
    static let jobs = [
        MetadataStorePromise("a job waits for its time, is taken once, and is gone when it is done") { store in
            let card = JobRequest(kind: "card", key: "a", at: later(10))
            try await store.transaction { try $0.enqueue(card, id: try Sample.id(1), at: Sample.time) }
            try promise(try await take(store, at: later(9)), is: [])
            try promise(try await store.read { try $0.hasDueJob(kind: "card", at: later(9)) }, is: false)
            try promise(try await store.read { try $0.hasDueJob(kind: "card", at: later(10)) }, is: true)
            try promise(try await store.read { try $0.hasDueJob(kind: "other", at: later(10)) }, is: false)
            try promise(try await take(store, at: later(10)), is: ["a"])
            try promise(try await take(store, at: later(10)), is: [])
            try await store.transaction { _ = try $0.finishJob(id: try Sample.id(1), lease: try Sample.id(900)) }
            try promise(try await store.read { try $0.jobs(failed: false, after: nil, limit: 10) }.count, is: 0)
        },
        MetadataStorePromise("what is asked for twice is done once, and again when it was running") { store in
            for number in UInt16(1)...2 {
                let request = JobRequest(kind: "card", key: "a", payload: "\(number)", at: later(0))
                try await store.transaction { try $0.enqueue(request, id: try Sample.id(number), at: Sample.time) }
            }
            try promise(try await payloads(store), is: ["2"])
            try promise(try await take(store, at: later(1)), is: ["a"])
            let again = JobRequest(kind: "card", key: "a", payload: "3", at: later(2))
            try await store.transaction { try $0.enqueue(again, id: try Sample.id(3), at: Sample.time) }
            try promise(try await take(store, at: later(3)), is: [])
            try await store.transaction { _ = try $0.finishJob(id: try Sample.id(1), lease: try Sample.id(900)) }
            try promise(try await payloads(store), is: ["3"])
            try promise(try await take(store, at: later(3)), is: ["a"])
            try await store.transaction { _ = try $0.finishJob(id: try Sample.id(1), lease: try Sample.id(900)) }
            try promise(try await payloads(store), is: [])
        },
        MetadataStorePromise("a lease that is over lets others take the job, and its holder changes nothing any more") {
            store in
            let request = JobRequest(kind: "card", key: "a", at: later(0))
            try await store.transaction { try $0.enqueue(request, id: try Sample.id(1), at: Sample.time) }
            try promise(try await take(store, at: later(0), lease: 900), is: ["a"])
            try promise(try await take(store, at: later(59), lease: 901), is: [])
            try promise(try await take(store, at: later(60), lease: 901), is: ["a"])
            try await store.transaction { records in
                let (id, lost) = (try Sample.id(1), try Sample.id(900))
                try promise(try records.finishJob(id: id, lease: lost), is: false)
                try promise(try records.failJob(id: id, lease: lost, at: later(61), error: "x"), is: false)
                try promise(
                    try records.retryJob(id: id, lease: lost, at: later(61), error: nil, counts: true),
                    is: false
                )
                try promise(try records.finishJob(id: id, lease: try Sample.id(901)), is: true)
            }
        },
        MetadataStorePromise("a job is tried again later, given up at last, and asked for anew") { store in
            let request = JobRequest(kind: "card", key: "a", at: later(0))
            let id = try Sample.id(1)
            try await store.transaction { try $0.enqueue(request, id: id, at: Sample.time) }
            try promise(try await take(store, at: later(0)), is: ["a"])
            try await store.transaction { records in
                let lease = try Sample.id(900)
                _ = try records.retryJob(id: id, lease: lease, at: later(30), error: "no luck", counts: true)
            }
            try promise(try await take(store, at: later(29)), is: [])
            try promise(try await take(store, at: later(30)), is: ["a"])
            let tried = try present(try await store.read { try $0.jobs(failed: false, after: nil, limit: 1) }.first)
            try promise(tried.attempts, is: 2)
            try promise(tried.lastError, is: "no luck")
            try await store.transaction { records in
                _ = try records.failJob(id: id, lease: try Sample.id(900), at: later(31), error: "hopeless")
            }
            try promise(try await take(store, at: later(1_000)), is: [])
            let failed = try present(try await store.read { try $0.jobs(failed: true, after: nil, limit: 1) }.first)
            try promise(failed.failedAt, is: later(31))
            let anew = JobRequest(kind: "card", key: "a", at: later(40))
            try await store.transaction { try $0.enqueue(anew, id: try Sample.id(2), at: later(40)) }
            try promise(try await take(store, at: later(40)), is: ["a"])
            let wanted = try present(try await store.read { try $0.jobs(failed: false, after: nil, limit: 1) }.first)
            try promise(wanted.attempts, is: 1)
        },
        MetadataStorePromise("jobs are taken in the order of their times, a few at a time") { store in
            for (number, second) in [(UInt16(1), Int64(3)), (2, 1), (3, 2)] {
                let request = JobRequest(kind: "card", key: "\(number)", at: later(second))
                try await store.transaction { try $0.enqueue(request, id: try Sample.id(number), at: Sample.time) }
            }
            let first = try await take(store, at: later(9), limit: 2)
            try promise(Set(first), is: ["2", "3"])
            try promise(try await take(store, at: later(9), limit: 2), is: ["1"])
        },
    ]

    private static func later(_ seconds: Int64) -> Timestamp {
        Timestamp(microseconds: Sample.time.microseconds + seconds * 1_000_000)
    }

    private static func take(
        _ store: MetadataStore,
        at moment: Timestamp,
        lease: UInt16 = 900,
        limit: Int = 10
    ) async throws -> [String] {
        try await store.transaction { records in
            try records.takeJobs(
                kind: "card",
                lease: try Sample.id(lease),
                until: Timestamp(microseconds: moment.microseconds + 60_000_000),
                at: moment,
                limit: limit
            ).map(\.key)
        }
    }

    private static func payloads(_ store: MetadataStore) async throws -> [String] {
        try await store.read { try $0.jobs(failed: false, after: nil, limit: 10) }.map(\.payload)
    }
}
