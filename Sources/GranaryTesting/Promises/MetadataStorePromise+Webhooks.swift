import Access
import Metadata

extension MetadataStorePromise {
    static let webhooks = [
        MetadataStorePromise("a webhook is kept as it was written, until its owner goes") { store in
            let (ada, hook) = try await begin(store)
            var changed = hook
            (changed.url, changed.domains, changed.disabled) = ("http://b.example/", [.discussion], .failing)
            (changed.sealedSecret, changed.secretMode, changed.failures) = ("c2VhbGVk", .signature, 3)
            (changed.failingSince, changed.day, changed.dayCount, changed.dropped) = (Sample.time, 7, 8, 9)
            let written = changed
            try await store.transaction { try $0.updateWebhook(written) }
            try promise(try await store.read { try $0.webhook(id: hook.id) }, is: written)
            try promise(try await store.read { try $0.webhooks(userID: ada.id) }, is: [written])
            try await store.transaction { try $0.deleteWebhook(id: hook.id) }
            try promise(try await store.read { try $0.webhooks(userID: ada.id) }, is: [])
            try await promiseFailure({ $0 as? MetadataError == .notFound }) {
                try await store.transaction { try $0.updateWebhook(written) }
            }
        },
        MetadataStorePromise(
            "webhooks are found by what they watch, once each, if they tell of it and are not disabled"
        ) {
            store in
            let (_, hook) = try await begin(store)
            let (first, second, other) = (try Sample.id(50), try Sample.id(51), try Sample.id(52))
            let watches = [first, second].map { WebhookWatchRecord(type: "model", name: "ada/x", targetID: $0) }
            try await store.transaction { try $0.setWebhookWatches(webhookID: hook.id, watches) }
            try promise(try await store.read { try $0.webhookWatches(webhookID: hook.id) }, is: watches)
            try promise(try await store.read { try $0.isWatched([other, second]) }, is: true)
            try promise(try await store.read { try $0.isWatched([other]) }, is: false)
            @Sendable func found(_ domain: WebhookRecord.Domain, after: RecordID? = nil) async throws -> [RecordID] {
                try await store.read {
                    try $0.webhooks(watching: [first, second, other], domain, after: after, limit: 10).map(\.id)
                }
            }
            try promise(try await found(.repo), is: [hook.id])
            try promise(try await found(.repo, after: hook.id), is: [])
            try promise(try await found(.discussion), is: [])
            var silent = hook
            silent.disabled = .owner
            let written = silent
            try await store.transaction { try $0.updateWebhook(written) }
            try promise(try await found(.repo), is: [])
            try await store.transaction { try $0.setWebhookWatches(webhookID: hook.id, []) }
            try promise(try await store.read { try $0.isWatched([first]) }, is: false)
        },
        MetadataStorePromise("what is to be sent is sent in order, waits, and is dropped") { store in
            let (ada, hook) = try await begin(store)
            try await add(1...3, to: hook, store)
            try promise(try await due(hook, at: 0, store), is: [try Sample.id(101)])
            try promise(
                try await due(hook, at: 9, store),
                is: [try Sample.id(101), try Sample.id(102), try Sample.id(103)]
            )
            try promise(try await store.read { try $0.nextWebhookDelivery(userID: ada.id) }, is: later(0))
            try await store.transaction { try $0.postponeWebhookDeliveries(webhookID: hook.id, until: later(5)) }
            try promise(try await due(hook, at: 4, store), is: [])
            try promise(try await store.read { try $0.nextWebhookDelivery(userID: ada.id) }, is: later(5))
            let pending = try await store.read {
                try [
                    $0.pendingWebhookDeliveries(webhookID: hook.id, upTo: 9),
                    $0.pendingWebhookDeliveries(webhookID: hook.id, upTo: 2),
                ]
            }
            try promise(pending, is: [3, 2])
            try await store.transaction { try $0.dropWebhookDeliveries(webhookID: hook.id, because: "no") }
            try promise(try await due(hook, at: 99, store), is: [])
            try promise(try await store.read { try $0.nextWebhookDelivery(userID: ada.id) }, is: nil)
            let lines = try await store.read { try $0.webhookDeliveries(webhookID: hook.id, before: nil, limit: 2) }
            try promise(lines.map(\.id), is: [try Sample.id(103), try Sample.id(102)])
            try promise(lines.map(\.error), is: ["no", "no"])
            let rest = try await store.read {
                try $0.webhookDeliveries(webhookID: hook.id, before: lines.last?.id, limit: 2)
            }
            try promise(rest.map(\.id), is: [try Sample.id(101)])
        },
        MetadataStorePromise("a line of a webhook's log is kept as it was written, and the log stays short") { store in
            let (_, hook) = try await begin(store)
            try await add(1...4, to: hook, store)
            for number in UInt16(101)...103 {
                let id = try Sample.id(number)
                var line = try present(try await store.read { try $0.webhookDelivery(webhookID: hook.id, id: id) })
                (line.state, line.attempts, line.nextAt, line.isReplay) = (.failed, 8, later(70), true)
                (line.url, line.status, line.error, line.answer) = (hook.url, 500, "why", "body")
                (line.milliseconds, line.sentAt) = (12, later(3))
                let written = line
                try promise(try await store.transaction { try $0.updateWebhookDelivery(written) }, is: true)
                try promise(try await store.read { try $0.webhookDelivery(webhookID: hook.id, id: id) }, is: written)
            }
            try promise(
                try await store.read {
                    try $0.hasWebhookDelivery(webhookID: hook.id, eventID: try Sample.id(201))
                },
                is: true
            )
            try await store.transaction { try $0.trimWebhookLog(webhookID: hook.id, keeping: 2) }
            let left = try await store.read { try $0.webhookDeliveries(webhookID: hook.id, before: nil, limit: 9) }
            try promise(left.map(\.id), is: [try Sample.id(104), try Sample.id(103)])
            // What is still to be sent stays, however long the log is.
            try await store.transaction { try $0.trimWebhookLog(webhookID: hook.id, keeping: 0) }
            let pending = try await store.read { try $0.webhookDeliveries(webhookID: hook.id, before: nil, limit: 9) }
            try promise(pending.map(\.id), is: [try Sample.id(104)])
            try await store.transaction { try $0.deleteWebhookDelivery(id: try Sample.id(104)) }
            let none = try await store.read { try $0.webhookDeliveries(webhookID: hook.id, before: nil, limit: 9) }
            try promise(none, is: [])
        },
        MetadataStorePromise("events are forgotten with age, and those that nobody was told sooner") { store in
            let (_, hook) = try await begin(store)
            try await add(1...2, to: hook, store)
            try await store.transaction { try $0.deleteWebhookDelivery(id: try Sample.id(102)) }
            @Sendable func forget(before: Int64, unlogged: Int64) async throws -> Int {
                try await store.transaction {
                    try $0.forgetWebhookEvents(before: later(before), unlogged: later(unlogged), limit: 10)
                }
            }
            try promise(try await forget(before: 0, unlogged: 0), is: 0)
            try promise(try await forget(before: 0, unlogged: 10), is: 1)
            try promise(try await store.read { try $0.webhookEvent(id: try Sample.id(202)) }, is: nil)
            try promise(try await store.read { try $0.webhookEvent(id: try Sample.id(201)) } != nil, is: true)
            try promise(try await forget(before: 10, unlogged: 10), is: 1)
            let lines = try await store.read { try $0.webhookDeliveries(webhookID: hook.id, before: nil, limit: 9) }
            try promise(lines, is: [])
        },
        MetadataStorePromise("a space's variables and secrets are kept by name and kind") { store in
            let ada = try Sample.user(1, "ada")
            let space = try Sample.repository(2, "app", of: ada, visibility: .public)
            try await store.transaction { records in
                try records.insertUser(ada)
                try records.insertRepository(space)
            }
            let mode = SpaceValueRecord(
                name: "MODE",
                kind: .variable,
                value: "fast",
                description: "how",
                updatedAt: Sample.time
            )
            let key = SpaceValueRecord(
                name: "KEY",
                kind: .secret,
                value: "sealed",
                description: nil,
                updatedAt: Sample.time
            )
            for value in [mode, key] {
                try promise(
                    try await store.transaction { try $0.setSpaceValue(repositoryID: space.id, value) },
                    is: true
                )
            }
            var changed = mode
            (changed.value, changed.description) = ("slow", nil)
            let slow = changed
            try promise(try await store.transaction { try $0.setSpaceValue(repositoryID: space.id, slow) }, is: true)
            changed.kind = .secret
            let stolen = changed
            try promise(try await store.transaction { try $0.setSpaceValue(repositoryID: space.id, stolen) }, is: false)
            try promise(try await store.read { try $0.spaceValues(repositoryID: space.id, .variable) }, is: [slow])
            try promise(try await store.read { try $0.spaceValues(repositoryID: space.id, .secret) }, is: [key])
            let gone = try await store.transaction { records in
                try [
                    records.deleteSpaceValue(repositoryID: space.id, name: "MODE", .secret),
                    records.deleteSpaceValue(repositoryID: space.id, name: "MODE", .variable),
                ]
            }
            try promise(gone, is: [false, true])
            try promise(try await store.read { try $0.spaceValues(repositoryID: space.id, .variable) }, is: [])
        },
    ]

    private static func later(_ seconds: Int64) -> Timestamp { Sample.time.adding(seconds: seconds) }

    /// A webhook of ada's that tells of repositories.
    private static func begin(_ store: MetadataStore) async throws -> (UserRecord, WebhookRecord) {
        let ada = try Sample.user(1, "ada")
        let hook = WebhookRecord(
            id: try Sample.id(10),
            userID: ada.id,
            url: "https://a.example/x",
            base: "http://hub.example",
            domains: [.repo],
            createdAt: Sample.time
        )
        try await store.transaction { records in
            try records.insertUser(ada)
            try records.insertWebhook(hook)
        }
        return (ada, hook)
    }

    /// Adds deliveries 101, 102, … of events 201, 202, …, each a second later than the one before.
    private static func add(_ numbers: ClosedRange<UInt16>, to hook: WebhookRecord, _ store: MetadataStore) async throws
    {
        for number in numbers {
            let moment = later(Int64(number) - 1)
            let event = WebhookEventRecord(
                id: try Sample.id(200 + number),
                scope: "repo",
                action: "create",
                repositoryID: try Sample.id(60),
                namespaceID: try Sample.id(1),
                visibility: .private,
                granted: "",
                payload: "{}",
                createdAt: moment
            )
            let delivery = WebhookDeliveryRecord(
                id: try Sample.id(100 + number),
                webhookID: hook.id,
                eventID: event.id,
                createdAt: moment
            )
            try await store.transaction { records in
                try records.insertWebhookEvent(event)
                try records.insertWebhookEvent(event)
                try records.insertWebhookDelivery(delivery)
            }
            try promise(try await store.read { try $0.webhookEvent(id: event.id) }, is: event)
        }
    }

    private static func due(_ hook: WebhookRecord, at second: Int64, _ store: MetadataStore) async throws -> [RecordID]
    {
        try await store.read {
            try $0.dueWebhookDeliveries(webhookID: hook.id, at: later(second), limit: 10).map(\.id)
        }
    }
}
