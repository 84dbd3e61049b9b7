import Glibc

/// Time and chance, given from outside, so that tests can say what they are.
package struct S3Environment: Sendable {
    /// Seconds since 1970.
    package var now: @Sendable () -> Int64
    /// Waits for so many milliseconds.
    package var sleep: @Sendable (Int64) async throws -> Void
    /// A number from 0 to 1.
    package var chance: @Sendable () -> Double

    /// An environment from its parts.
    package init(
        now: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Int64) async throws -> Void,
        chance: @escaping @Sendable () -> Double
    ) {
        (self.now, self.sleep, self.chance) = (now, sleep, chance)
    }

    /// The system's clock and generator: what the composition root takes.
    package static func system() -> S3Environment {
        S3Environment(
            now: { Int64(time(nil)) },
            sleep: { try await Task.sleep(for: .milliseconds($0)) },
            chance: { Double.random(in: 0...1) }
        )
    }
}
