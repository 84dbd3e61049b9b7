import Access
import Metadata

extension MetadataStorePromise {
    static let discussions = [
        MetadataStorePromise("numbers of discussions are given once, for each repository from 1") { store in
            let scene = try await Scene(in: store)
            let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await store.transaction { try $0.takeDiscussionNumber(repositoryID: scene.open.id) }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try promise(numbers.sorted(), is: Array(1...8))
            let other = try await store.transaction { try $0.takeDiscussionNumber(repositoryID: scene.shared.id) }
            try promise(other, is: 1)
            try await promiseFailure(isNotFound) {
                try await store.transaction { try $0.takeDiscussionNumber(repositoryID: try Sample.id(99)) }
            }
        },
        MetadataStorePromise("discussions are listed from the youngest, filtered and page by page") { store in
            let scene = try await Scene(in: store)
            let all = try await filled(store, scene)
            try await store.read { records in
                func numbers(_ filter: DiscussionFilter, skip: Int = 0, limit: Int = 100) throws -> [Int64] {
                    try records.discussions(repositoryID: scene.open.id, filter, skip: skip, limit: limit).map(\.num)
                }
                try promise(try numbers(DiscussionFilter()), is: [4, 3, 2, 1])
                try promise(try numbers(DiscussionFilter(), skip: 1, limit: 2), is: [3, 2])
                try promise(try numbers(DiscussionFilter(isPullRequest: true)), is: [3, 2])
                try promise(try numbers(DiscussionFilter(isPullRequest: false, statuses: [.closed])), is: [4])
                try promise(try numbers(DiscussionFilter(statuses: [.open, .draft])), is: [2, 1])
                try promise(try numbers(DiscussionFilter(authorID: scene.bob.id)), is: [3])
                let count = try records.discussionCount(repositoryID: scene.open.id, DiscussionFilter())
                try promise(count, is: 4)
                let elsewhere = try records.discussionCount(repositoryID: scene.shared.id, DiscussionFilter())
                try promise(elsewhere, is: 0)
                try promise(try records.discussion(repositoryID: scene.open.id, num: 2), is: all[1])
                try promise(try records.discussion(repositoryID: scene.shared.id, num: 2), is: nil)
            }
        },
        MetadataStorePromise("what changes in a discussion is kept, what does not is not") { store in
            let scene = try await Scene(in: store)
            var changed = try await filled(store, scene)[1]
            changed.title = "another"
            changed.status = .merged
            changed.mergeBase = Sample.oid(1)
            changed.mergeCommit = Sample.oid(2)
            changed.eventCount = 3
            changed.textBytes = 40
            changed.updatedAt = Sample.time.adding(seconds: 5)
            try await store.transaction { [changed] in try $0.updateDiscussion(changed) }
            let found = try await store.read { try $0.discussion(repositoryID: scene.open.id, num: 2) }
            try promise(found, is: changed)
        },
        MetadataStorePromise("a comment keeps what it said, until it is hidden for good") { store in
            let scene = try await Scene(in: store)
            let discussion = try await filled(store, scene)[0]
            let comment = event(1, of: discussion, by: scene.ada, .comment, "first", id: try Sample.id(60))
            let later = Sample.time.adding(seconds: 9)
            try await store.transaction { records in
                try records.insertDiscussionEvent(comment)
                try records.editComment(id: comment.id, content: "second", editorID: scene.bob.id, at: later)
                try records.editComment(id: comment.id, content: "third", editorID: scene.ada.id, at: later)
            }
            try await store.read { records in
                let found = try present(try records.discussionEvent(discussionID: discussion.id, id: comment.id))
                try promise([found.content, found.editorName], is: ["third", "ada"])
                try promise(found.edits, is: 2)
                try promise(found.updatedAt, is: later)
                try promise(found.createdAt, is: Sample.time)
                let edits = try records.discussionEdits(discussionID: discussion.id, eventID: comment.id)
                try promise(edits.map(\.content), is: ["first", "second"])
                try promise(edits.map(\.authorName), is: ["ada", "bob"])
                try promise(edits.map(\.writtenAt), is: [Sample.time, later])
            }
            try await store.transaction { try $0.hideComment(id: comment.id, editorID: scene.bob.id, at: later) }
            try await store.read { records in
                let found = try present(try records.discussionEvent(discussionID: discussion.id, id: comment.id))
                try promise(found.isHidden && found.content.isEmpty, "nothing of a hidden comment is left")
                try promise(try records.discussionEdits(discussionID: discussion.id), is: [])
            }
            try await promiseFailure(isNotFound) {
                try await store.transaction {
                    try $0.editComment(id: comment.id, content: "again", editorID: scene.ada.id, at: later)
                }
            }
        },
        MetadataStorePromise("events are in the order of their positions, each taken once") { store in
            let scene = try await Scene(in: store)
            let discussions = try await filled(store, scene)
            let events = [
                event(1, of: discussions[0], by: scene.ada, .comment, "hello", id: try Sample.id(75)),
                event(2, of: discussions[0], by: scene.bob, .titleChange, "new", "old", id: try Sample.id(71)),
                event(3, of: discussions[0], by: scene.ada, .commit, "subject", Sample.oid(5), id: try Sample.id(73)),
            ]
            try await store.transaction { records in
                for event in events.reversed() { try records.insertDiscussionEvent(event) }
            }
            try promise(try await store.read { try $0.discussionEvents(discussionID: discussions[0].id) }, is: events)
            try promise(try await store.read { try $0.discussionEvents(discussionID: discussions[1].id) }, is: [])
            let again = event(3, of: discussions[0], by: scene.ada, .comment, "late", id: try Sample.id(80))
            try await promiseFailure(isConflict) {
                try await store.transaction { try $0.insertDiscussionEvent(again) }
            }
        },
        MetadataStorePromise("a deleted repository takes its discussions along, a deleted account leaves its words") {
            store in
            let scene = try await Scene(in: store)
            let discussion = try await filled(store, scene)[2]
            let words = event(1, of: discussion, by: scene.bob, .comment, "words", id: try Sample.id(90))
            try await store.transaction { records in
                try records.insertDiscussionEvent(words)
                try records.editComment(id: words.id, content: "more", editorID: scene.bob.id, at: Sample.time)
                _ = try records.connection.run("DELETE FROM namespaces WHERE id = $1", [.id(scene.bob.id)])
            }
            try await store.read { records in
                let orphan = try present(try records.discussion(repositoryID: scene.open.id, num: discussion.num))
                try promise(orphan.authorID == nil && orphan.authorName == nil, "the author is gone")
                let left = try records.discussionEvents(discussionID: discussion.id)
                try promise(left.map(\.content), is: ["more"])
                try promise(left.map(\.authorName), is: [nil])
            }
            try await store.transaction { try $0.deleteRepository(id: scene.open.id) }
            try promise(try await store.read { try $0.discussionEvents(discussionID: discussion.id) }, is: [])
        },
    ]

    /// Four discussions of the open repository: ada's open one, her draft, bob's merged one, and her closed one.
    private static func filled(_ store: MetadataStore, _ scene: Scene) async throws -> [DiscussionRecord] {
        let kinds: [(DiscussionRecord.Status, String?, UserRecord)] = [
            (.open, nil, scene.ada), (.draft, "refs/heads/main", scene.ada), (.merged, "refs/heads/main", scene.bob),
            (.closed, nil, scene.ada),
        ]
        let discussions = try kinds.enumerated().map { index, kind in
            DiscussionRecord(
                id: try Sample.id(UInt16(50 + index)),
                repositoryID: scene.open.id,
                num: Int64(index + 1),
                authorID: kind.2.id,
                authorName: kind.2.name,
                title: "title \(index)",
                status: kind.0,
                baseRef: kind.1,
                createdAt: Sample.time
            )
        }
        try await store.transaction { records in
            for discussion in discussions { try records.insertDiscussion(discussion) }
        }
        return discussions
    }

    private static func event(
        _ position: Int64,
        of discussion: DiscussionRecord,
        by author: UserRecord,
        _ kind: DiscussionEventRecord.Kind,
        _ content: String,
        _ detail: String? = nil,
        id: RecordID
    ) -> DiscussionEventRecord {
        DiscussionEventRecord(
            id: id,
            discussionID: discussion.id,
            position: position,
            authorID: author.id,
            authorName: author.name,
            kind: kind,
            content: content,
            detail: detail,
            createdAt: Sample.time
        )
    }
}
