package import Access
import Glibc
package import Metadata
import OpenSSLKit

/// Time, ids and chance, given from outside, so that tests can say what they are.
package struct HubEnvironment: Sendable {
    /// The time of day.
    package var now: @Sendable () -> Timestamp
    /// An id that no record has.
    package var newID: @Sendable () throws -> RecordID
    /// As many unpredictable bytes as asked for.
    package var randomBytes: @Sendable (Int) throws -> [UInt8]

    /// An environment from its parts.
    package init(
        now: @escaping @Sendable () -> Timestamp,
        newID: @escaping @Sendable () throws -> RecordID,
        randomBytes: @escaping @Sendable (Int) throws -> [UInt8]
    ) {
        self.now = now
        self.newID = newID
        self.randomBytes = randomBytes
    }

    /// The system's clock and libcrypto's generator: what the composition root takes.
    package static func system() -> HubEnvironment {
        HubEnvironment(
            now: systemTime,
            newID: {
                let random = try RandomBytes.generate(RecordID.randomByteCount)
                guard let id = RecordID(microseconds: systemTime().microseconds, random: random) else {
                    throw HubError(.internalFailure, "The hub could not make an id.")
                }
                return id
            },
            randomBytes: { try RandomBytes.generate($0) }
        )
    }
}

@Sendable private func systemTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
}
