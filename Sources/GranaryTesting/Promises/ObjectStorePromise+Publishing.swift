import NIOCore
import ObjectStore

extension ObjectStorePromise {
    static let publishing = [
        ObjectStorePromise("what was put can be read, and its size asked") { store in
            let sample = try ObjectSample(size: 300_001)
            try promise(try await store.size(of: sample.key), is: nil)
            try promise(try await content(store, sample.key), is: nil)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            try promise(try await store.size(of: sample.key), is: sample.size)
            try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
        },
        ObjectStorePromise("small, empty and odd sizes are objects like others") { store in
            for size in [0, 1, 63, 65_536, 262_143, 262_144, 262_145] as [Int64] {
                let sample = try ObjectSample(size: size)
                try await store.put(sample.key, size: size, bytes: sample.bytes())
                try promise(try await store.size(of: sample.key), is: size)
                try promise(try await content(store, sample.key) == sample.array(), "\(size) bytes are the same")
            }
        },
        ObjectStorePromise("an object of 32 MiB passes without being held") { store in
            let sample = try ObjectSample(size: 32 << 20)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            let reading = try present(try await store.read(sample.key, range: nil))
            var rest = sample.bytes().makeAsyncIterator()
            var (expected, count) = (ByteBuffer(), Int64(0))
            for try await var piece in reading.bytes {
                try promise(piece.readableBytes <= 1 << 20, "a piece has at most 1 MiB")
                count += Int64(piece.readableBytes)
                while piece.readableBytes > 0 {
                    if expected.readableBytes == 0 { expected = try present(try await rest.next()) }
                    let length = min(piece.readableBytes, expected.readableBytes)
                    let isSame = piece.readSlice(length: length) == expected.readSlice(length: length)
                    try promise(isSame, "the bytes are the same")
                }
            }
            try promise(count, is: sample.size)
        },
        ObjectStorePromise("putting again succeeds and changes nothing") { store in
            let sample = try ObjectSample(size: 100_000)
            for _ in 0..<2 { try await store.put(sample.key, size: sample.size, bytes: sample.bytes()) }
            try promise(try await store.list(after: nil, limit: 10).map(\.key), is: [sample.key])
            try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
        },
        ObjectStorePromise("eight puts at once all succeed, a wrong one among them fails") { store in
            let sample = try ObjectSample(size: 1 << 20)
            let other = try ObjectSample(size: 1 << 20, seed: 2)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await store.put(sample.key, size: sample.size, bytes: sample.bytes()) }
                }
                group.addTask {
                    try await promiseFailure(isError(.wrongHash)) {
                        try await store.put(sample.key, size: sample.size, bytes: other.bytes())
                    }
                }
                try await group.waitForAll()
            }
            try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
            try promise(try await store.list(after: nil, limit: 10).map(\.key), is: [sample.key])
            try promise(try await store.sweep(olderThanSeconds: 0), is: 0)
        },
        ObjectStorePromise(onSeveral: "what was put is there after a restart") { opener in
            let sample = try ObjectSample(size: 100_000)
            try await opener.withStore { try await $0.put(sample.key, size: sample.size, bytes: sample.bytes()) }
            try await opener.withStore { store in
                try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
            }
        },
        ObjectStorePromise("what is deleted is gone, and can be put again") { store in
            let sample = try ObjectSample(size: 1000)
            try promise(try await store.delete(sample.key), is: false)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            try promise(try await store.delete(sample.key), is: true)
            try promise(try await store.delete(sample.key), is: false)
            try promise(try await store.size(of: sample.key), is: nil)
            try promise(try await content(store, sample.key), is: nil)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            try promise(try await store.size(of: sample.key), is: sample.size)
        },
    ]

    private struct Broken: Error {}

    static let refusals = [
        ObjectStorePromise("bytes of another hash are refused, large and small") { store in
            for size in [0, 1, 1000, 1 << 20] as [Int64] {
                let (sample, other) = (try ObjectSample(size: 500), try ObjectSample(size: size, seed: 2))
                try await promiseFailure(isError(.wrongHash)) {
                    try await store.put(sample.key, size: size, bytes: other.bytes())
                }
            }
            try await promiseNothingLeft(store)
        },
        ObjectStorePromise("bytes that are too many or too few are refused, with the right hash and without") { store in
            for size in [1000, 1 << 20] as [Int64] {
                let sample = try ObjectSample(size: size)
                for wrong in [size - 1, size + 1, 0, size * 2] {
                    try await promiseFailure(isWrongSize) {
                        try await store.put(sample.key, size: wrong, bytes: sample.bytes())
                    }
                }
                var long = sample.bytes()
                long.extra = [0]
                try await promiseFailure(isWrongSize) { try await store.put(sample.key, size: size, bytes: long) }
            }
            try await promiseNothingLeft(store)
        },
        ObjectStorePromise("a source that fails, fails the put with its own error") { store in
            for size in [1000, 1 << 20] as [Int64] {
                let sample = try ObjectSample(size: size)
                for end in [size / 2, size] {
                    var broken = sample.bytes(0..<end)
                    broken.failure = Broken()
                    try await promiseFailure({ $0 is Broken }) {
                        try await store.put(sample.key, size: size, bytes: broken)
                    }
                }
            }
            try await promiseNothingLeft(store)
        },
        ObjectStorePromise("a put that is cancelled ends soon and leaves nothing") { store in
            let sample = try ObjectSample(size: 1 << 20)
            var slow = sample.bytes()
            slow.pause = { try await Task.sleep(for: .seconds(60)) }
            let put = Task { [slow] in try await store.put(sample.key, size: sample.size, bytes: slow) }
            try await Task.sleep(for: .milliseconds(100))
            put.cancel()
            try await promiseFailure({ $0 is CancellationError }) { try await put.value }
            try await promiseNothingLeft(store)
        },
        ObjectStorePromise("a wrong put leaves what is there as it is") { store in
            let (sample, other) = (try ObjectSample(size: 1 << 20), try ObjectSample(size: 1 << 20, seed: 2))
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            try await promiseFailure(isError(.wrongHash)) {
                try await store.put(sample.key, size: sample.size, bytes: other.bytes())
            }
            try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
        },
    ]

    static let reading = [
        ObjectStorePromise("ranges are read, and clipped to the object") { store in
            let sample = try ObjectSample(size: 700_000)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            for range in [0..<1, 0..<700_000, 699_999..<700_000, 1..<262_145, 262_144..<524_289, 5..<5]
                as [Range<Int64>]
            {
                let reading = try present(try await store.read(sample.key, range: range))
                try promise(reading.size, is: sample.size)
                try promise(reading.range.count, is: range.count)
                try promise(try await content(store, sample.key, range) == sample.array(range), "\(range) is the same")
            }
            let clipped = try present(try await store.read(sample.key, range: 699_990..<1_000_000))
            try promise(clipped.range, is: 699_990..<700_000)
            for range in [700_000..<700_001, 800_000..<900_000, 700_000..<700_000] as [Range<Int64>] {
                try promise(try await content(store, sample.key, range), is: [])
                try promise(try await store.read(sample.key, range: range)?.size, is: sample.size)
            }
        },
        ObjectStorePromise("ranges of an empty object are empty, those of a missing one nothing") { store in
            let (empty, missing) = (try ObjectSample(size: 0), try ObjectSample(size: 5))
            try await store.put(empty.key, size: 0, bytes: empty.bytes())
            for range in [nil, 0..<1, 0..<0, 5..<9] as [Range<Int64>?] {
                try promise(try await content(store, empty.key, range), is: [])
                try promise(try await content(store, missing.key, range), is: nil)
            }
        },
        ObjectStorePromise("a plain file, where there is one, has the object's bytes") { store in
            let sample = try ObjectSample(size: 1000)
            try promise(try await store.localFile(sample.key), is: nil)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            guard let file = try await store.localFile(sample.key) else { return }
            try promise(file.size, is: sample.size)
            try promise(file.path.hasPrefix("/"), "the path is absolute")
        },
        ObjectStorePromise("eight read at once while others write") { store in
            let sample = try ObjectSample(size: 1 << 20)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            let expected = sample.array()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        try promise(try await content(store, sample.key) == expected, "the bytes are the same")
                    }
                    let other = try ObjectSample(size: 1 << 19, seed: UInt64(index + 10))
                    group.addTask { try await store.put(other.key, size: other.size, bytes: other.bytes()) }
                }
                try await group.waitForAll()
            }
        },
    ]
}
