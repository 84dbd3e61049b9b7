import NIOCore
import ObjectStore

/// Objects whose name shows only at their end.
extension ObjectStorePromise {
    private struct Broken: Error {}

    static let unnamed = [
        ObjectStorePromise("without a name an object gets the one of its bytes") { store in
            // Around the sizes at which a store may begin to send parts.
            for size in [0, 1, 300_001, 5 << 20, 5 << 20 | 1, 10 << 20, 13 << 20] as [Int64] {
                let sample = try ObjectSample(size: size)
                let (key, taken) = try await store.putUnnamed(upTo: 13 << 20, bytes: sample.bytes())
                try promise(key, is: sample.key)
                try promise(taken, is: size)
                try promise(try await store.size(of: key), is: size)
                try promise(try await content(store, key) == sample.array(), "the bytes are the same")
            }
            try promise(try await store.sweep(olderThanSeconds: 0), is: 0)
        },
        ObjectStorePromise("without a name, what is there already is the same object") { store in
            for size in [1_000, 6 << 20] as [Int64] {
                let sample = try ObjectSample(size: size)
                try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
                for _ in 0..<2 {
                    try promise(
                        try await store.putUnnamed(upTo: size, bytes: sample.bytes()).key,
                        is: sample.key
                    )
                }
                try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
            }
            try promise(try await store.list(after: nil, limit: 10).count, is: 2)
            try promise(try await store.sweep(olderThanSeconds: 0), is: 0)
        },
        ObjectStorePromise("without a name, too long a body is refused and nothing stays") { store in
            for size in [1, 1_000, 6 << 20] as [Int64] {
                let sample = try ObjectSample(size: size)
                try await promiseFailure(isWrongSize) {
                    _ = try await store.putUnnamed(upTo: size - 1, bytes: sample.bytes())
                }
            }
            try await promiseNothingLeft(store)
        },
        ObjectStorePromise("without a name, a body that fails leaves nothing") { store in
            for size in [0, 1_000, 6 << 20, 12 << 20] as [Int64] {
                var bytes = try ObjectSample(size: size).bytes()
                bytes.failure = Broken()
                let broken = bytes
                try await promiseFailure({ $0 is Broken }) {
                    _ = try await store.putUnnamed(upTo: 1 << 30, bytes: broken)
                }
            }
            try await promiseNothingLeft(store)
        },
        ObjectStorePromise("without a name, eight at once are one object") { store in
            let sample = try ObjectSample(size: 6 << 20)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let key = try await store.putUnnamed(upTo: 1 << 30, bytes: sample.bytes()).key
                        try promise(key, is: sample.key)
                    }
                }
                try await group.waitForAll()
            }
            try promise(try await store.list(after: nil, limit: 10).map(\.key), is: [sample.key])
            try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
            try promise(try await store.sweep(olderThanSeconds: 0), is: 0)
        },
        ObjectStorePromise("without a name, an object comes back that was set aside") { store in
            for size in [1_000, 6 << 20] as [Int64] {
                let sample = try ObjectSample(size: size)
                try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
                try promise(try await store.quarantine(sample.key), is: true)
                _ = try await store.putUnnamed(upTo: size, bytes: sample.bytes())
                try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
            }
        },
    ]
}
