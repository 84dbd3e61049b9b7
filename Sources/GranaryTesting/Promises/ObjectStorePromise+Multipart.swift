import ObjectStore

/// An upload in parts of 5 MiB, the smallest that S3 takes.
struct MultipartTrial: Sendable {
    static let partSize: Int64 = 5 << 20

    let sample: ObjectSample
    let upload: String

    /// Begins the upload.
    init(_ store: any ObjectStore, size: Int64, seed: UInt64 = 1) async throws {
        sample = try ObjectSample(size: size, seed: seed)
        upload = try await store.beginMultipart(sample.key, size: size, partSize: Self.partSize)
    }

    /// The bytes of a part.
    func range(_ part: Int) -> Range<Int64> {
        let start = Int64(part - 1) * Self.partSize
        return start..<min(sample.size, start + Self.partSize)
    }

    /// Sends a part, of another sample if wanted.
    func send(_ part: Int, of other: ObjectSample? = nil, to store: any ObjectStore) async throws -> UploadedPart {
        let range = range(part)
        let bytes = (other ?? sample).bytes(range)
        let size = Int64(range.count)
        let etag = try await store.putPart(upload, key: sample.key, part: part, size: size, bytes: bytes)
        return UploadedPart(number: part, etag: etag)
    }

    /// Completes the upload.
    func complete(_ parts: [UploadedPart], on store: any ObjectStore) async throws {
        let sorted = parts.sorted { $0.number < $1.number }
        try await store.completeMultipart(upload, key: sample.key, size: sample.size, parts: sorted)
    }
}

extension ObjectStorePromise {
    private static let size: Int64 = 11 << 20

    static let multipart = [
        ObjectStorePromise(onSeveral: "parts come in any order, again, and across restarts") { opener in
            nonisolated(unsafe) var trial: MultipartTrial?
            nonisolated(unsafe) var parts: [UploadedPart] = []
            try await opener.withStore { store in
                let new = try await MultipartTrial(store, size: size)
                parts.append(try await new.send(3, to: store))
                _ = try await new.send(1, of: try ObjectSample(size: size, seed: 7), to: store)
                trial = new
                try promise(try await store.size(of: new.sample.key), is: nil)
                try promise(try await store.list(after: nil, limit: 10), is: [])
            }
            try await opener.withStore { store in
                let trial = try present(trial)
                for part in [2, 1] { parts.append(try await trial.send(part, to: store)) }
                try await trial.complete(parts, on: store)
                try promise(try await store.size(of: trial.sample.key), is: size)
                try promise(
                    try await content(store, trial.sample.key) == trial.sample.array(),
                    "the bytes are the same"
                )
            }
            try await opener.withStore { store in
                try await present(trial).complete(parts, on: store)
            }
        },
        ObjectStorePromise("parts that come at once are all taken") { store in
            let trial = try await MultipartTrial(store, size: size)
            let parts = try await withThrowingTaskGroup(of: UploadedPart.self) { group in
                for part in 1...3 { group.addTask { try await trial.send(part, to: store) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await trial.complete(parts, on: store)
            try promise(try await content(store, trial.sample.key) == trial.sample.array(), "the bytes are the same")
        },
        ObjectStorePromise("one small part is enough, and quotation marks around etags do no harm") { store in
            let trial = try await MultipartTrial(store, size: 1000)
            var part = try await trial.send(1, to: store)
            part.etag = "\"" + part.etag.filter { $0 != "\"" } + "\""
            try await trial.complete([part], on: store)
            try promise(try await store.size(of: trial.sample.key), is: 1000)
        },
        ObjectStorePromise("an object that is there already can be completed again") { store in
            let trial = try await MultipartTrial(store, size: 1000)
            try await store.put(trial.sample.key, size: 1000, bytes: trial.sample.bytes())
            try await trial.complete([try await trial.send(1, to: store)], on: store)
            try promise(try await content(store, trial.sample.key) == trial.sample.array(), "the bytes are the same")
        },
    ]

    static let brokenMultipart = [
        ObjectStorePromise("a missing part, or one with another etag, is noticed, and can be sent again") { store in
            let trial = try await MultipartTrial(store, size: size)
            var parts = [try await trial.send(1, to: store), try await trial.send(3, to: store)]
            let invented = UploadedPart(number: 2, etag: parts[0].etag)
            try await promiseFailure(isInvalidPart) { try await trial.complete(parts + [invented], on: store) }
            parts.append(try await trial.send(2, to: store))
            var wrong = parts
            wrong[2].etag = parts[0].etag
            try await promiseFailure(isInvalidPart) { try await trial.complete(wrong, on: store) }
            try promise(try await store.size(of: trial.sample.key), is: nil)
            try await trial.complete(parts, on: store)
            try promise(try await store.size(of: trial.sample.key), is: size)
        },
        ObjectStorePromise("parts of another object, or too few, do not become one") { store in
            let (trial, other) = (try await MultipartTrial(store, size: size), try ObjectSample(size: size, seed: 9))
            var parts: [UploadedPart] = []
            for part in 1...3 { parts.append(try await trial.send(part, of: other, to: store)) }
            try await promiseFailure(isError(.wrongHash)) { try await trial.complete(parts, on: store) }
            let second = try await MultipartTrial(store, size: size)
            let first = try await second.send(1, to: store)
            try await promiseFailure(isWrongSize) { try await second.complete([first], on: store) }
            try promise(try await store.size(of: trial.sample.key), is: nil)
            try promise(try await store.list(after: nil, limit: 10), is: [])
        },
        ObjectStorePromise("part numbers have bounds, and parts the size that was said") { store in
            let trial = try await MultipartTrial(store, size: size)
            for number in [0, -1, 10_001, Int.max] {
                try await promiseFailure(isInvalidPart) {
                    try await store.putPart(
                        trial.upload,
                        key: trial.sample.key,
                        part: number,
                        size: 10,
                        bytes: trial.sample.bytes(0..<10)
                    )
                }
            }
            try await promiseFailure(isWrongSize) {
                try await store.putPart(
                    trial.upload,
                    key: trial.sample.key,
                    part: 1,
                    size: MultipartTrial.partSize,
                    bytes: trial.sample.bytes(0..<10)
                )
            }
        },
        ObjectStorePromise("an upload is of use for its object only, and until it is aborted") { store in
            let trial = try await MultipartTrial(store, size: size)
            let part = try await trial.send(1, to: store)
            let other = try ObjectSample(size: size, seed: 5)
            try await promiseFailure(isError(.noSuchUpload)) {
                try await store.completeMultipart(trial.upload, key: other.key, size: size, parts: [part])
            }
            try await store.abortMultipart(trial.upload, key: trial.sample.key)
            try await store.abortMultipart(trial.upload, key: trial.sample.key)
            try await promiseFailure(isError(.noSuchUpload)) { try await trial.send(2, to: store) }
            try await promiseFailure(isError(.noSuchUpload)) { try await trial.complete([part], on: store) }
            try await promiseNothingLeft(store)
        },
        ObjectStorePromise("an invented upload is none, whatever is stored") { store in
            let sample = try ObjectSample(size: 1000)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            let digits = String(repeating: "0", count: 32)
            for upload in ["", "../objects", digits, digits + "." + digits, "x/y"] {
                let parts = [UploadedPart(number: 1, etag: digits)]
                try await promiseFailure(isError(.noSuchUpload)) {
                    try await store.completeMultipart(upload, key: sample.key, size: sample.size, parts: parts)
                }
                try await store.abortMultipart(upload, key: sample.key)
            }
            try promise(try await store.size(of: sample.key), is: sample.size)
        },
    ]
}
