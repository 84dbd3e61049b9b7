import ObjectStore

extension ObjectStorePromise {
    static let housekeeping = [
        ObjectStorePromise("a quarantined object is out of sight until it is restored") { store in
            let sample = try ObjectSample(size: 70_000)
            try promise(try await store.quarantine(sample.key), is: false)
            try promise(try await store.restore(sample.key), is: false)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            try promise(try await store.quarantine(sample.key), is: true)
            try promise(try await store.size(of: sample.key), is: nil)
            try promise(try await content(store, sample.key), is: nil)
            try promise(try await store.list(after: nil, limit: 10), is: [])
            try promise(try await store.purgeQuarantine(olderThanSeconds: 3600), is: 0)
            try promise(try await store.restore(sample.key), is: true)
            try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
        },
        ObjectStorePromise("a purged object is gone for good") { store in
            let (sample, other) = (try ObjectSample(size: 1000), try ObjectSample(size: 1000, seed: 2))
            for object in [sample, other] { try await store.put(object.key, size: object.size, bytes: object.bytes()) }
            try promise(try await store.quarantine(sample.key), is: true)
            try promise(try await store.purgeQuarantine(olderThanSeconds: 0), is: 1)
            try promise(try await store.purgeQuarantine(olderThanSeconds: 0), is: 0)
            try promise(try await store.restore(sample.key), is: false)
            try promise(try await store.list(after: nil, limit: 10).map(\.key), is: [other.key])
        },
        ObjectStorePromise("an object that is uploaded again while one is in quarantine stays") { store in
            let sample = try ObjectSample(size: 1000)
            for _ in 0..<2 {
                try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
                try promise(try await store.quarantine(sample.key), is: true)
            }
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            try promise(try await store.restore(sample.key), is: true)
            try promise(try await store.restore(sample.key), is: false)
            try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
        },
        ObjectStorePromise("a listing comes in pages, ordered, each object once") { store in
            var samples: [ObjectSample] = []
            for seed in 1...11 { samples.append(try ObjectSample(size: Int64(seed) * 100, seed: UInt64(seed))) }
            for sample in samples { try await store.put(sample.key, size: sample.size, bytes: sample.bytes()) }
            samples.sort { $0.key < $1.key }
            var (found, pages) = ([StoredObject](), 0)
            while pages < 10 {
                let page = try await store.list(after: found.last?.key, limit: 4)
                (found, pages) = (found + page, pages + 1)
                if page.count < 4 { break }
            }
            try promise(pages, is: 3)
            try promise(found.map(\.key), is: samples.map(\.key))
            try promise(found.map(\.size), is: samples.map(\.size))
            try promise(found.allSatisfy { $0.modifiedAt > 1_600_000_000 }, "every object has a time")
            try promise(try await store.list(after: nil, limit: 0), is: [])
            try promise(try await store.list(after: samples.last?.key, limit: 4), is: [])
        },
        ObjectStorePromise("the sweep removes old uploads, and nothing that is published or young") { store in
            let sample = try ObjectSample(size: 1000)
            try await store.put(sample.key, size: sample.size, bytes: sample.bytes())
            let trial = try await MultipartTrial(store, size: 6 << 20, seed: 3)
            let part = try await trial.send(1, to: store)
            try promise(try await store.sweep(olderThanSeconds: 3600), is: 0)
            _ = try await trial.send(2, to: store)
            try promise(try await store.sweep(olderThanSeconds: 0) > 0, "the upload is swept")
            try await promiseFailure(isError(.noSuchUpload)) { try await trial.complete([part], on: store) }
            try promise(try await store.sweep(olderThanSeconds: 0), is: 0)
            try promise(try await store.list(after: nil, limit: 10).map(\.key), is: [sample.key])
        },
    ]
}
