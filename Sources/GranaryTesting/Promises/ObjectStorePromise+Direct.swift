package import ObjectStore
import OpenSSLKit

extension StagingID {
    /// A new one.
    package static func random() throws -> StagingID {
        try present(StagingID(bytes: try RandomBytes.generate(byteCount)))
    }
}

extension ObjectStorePromise {
    static let direct = [
        ObjectStorePromise("whoever sent nothing has sent nothing, whatever is stored") { store in
            let sample = try ObjectSample(size: 1000)
            let staging = try StagingID.random()
            let offer = try await store.directUpload(sample.key, size: 1000, staging: staging, expiresIn: 60)
            for isStored in [false, true] {
                if isStored { try await store.put(sample.key, size: 1000, bytes: sample.bytes()) }
                for id in [staging, try StagingID.random()] {
                    let isThere = try await store.verifyDirectUpload(sample.key, size: 1000, staging: id)
                    try promise(isThere, is: false)
                }
            }
            try promise(try await content(store, sample.key) == sample.array(), "the bytes are the same")
            try promise(offer?.url.contains(sample.key.hex) ?? false, is: false)
            try promise(try await store.sweep(olderThanSeconds: 0), is: 0)
        }
    ]
}
