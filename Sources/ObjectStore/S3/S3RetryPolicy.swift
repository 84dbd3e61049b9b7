/// Decides what to do about a failure: once per cause for region, clock and credentials, with growing waits for the rest.
///
/// A wait is a random part of 100 ms · 2ⁿ, at most 20 s ("full jitter"), so that many clients do not come back together.
struct S3RetryPolicy {
    enum Remedy: Equatable {
        case none
        case wait(milliseconds: Int64)
        case region(String)
        /// The store's time in seconds since 1970.
        case clock(Int64)
        /// Others than those that were refused, if there are some.
        case credentials
    }

    private let attempts: Int
    private let deadline: Int64
    private let environment: S3Environment
    private var failures = 0
    private var changedRegion = false
    private var changedClock = false
    private var changedCredentials = false

    init(_ configuration: S3Configuration, _ environment: S3Environment) {
        attempts = configuration.attempts
        deadline = environment.now() + configuration.deadlineSeconds
        self.environment = environment
    }

    /// What to do now.
    /// - Parameter time: what we take for the store's time, in seconds since 1970.
    mutating func remedy(for error: any Error, at time: Int64) -> Remedy {
        if error is CancellationError { return .none }
        if let failure = error as? S3Failure {
            if failure.isSkew(at: time), let serverTime = failure.serverTime {
                defer { changedClock = true }
                return changedClock ? .none : .clock(serverTime.seconds)
            }
            if let region = failure.region, [301, 307, 400].contains(failure.status) {
                defer { changedRegion = true }
                return changedRegion ? .none : .region(region)
            }
            guard failure.isTransient else {
                guard failure.refusesCredentials, !changedCredentials else { return .none }
                changedCredentials = true
                return .credentials
            }
        } else if let error = error as? ObjectStoreError {
            guard case .unavailable = error else { return .none }
        }
        failures += 1
        guard failures < attempts else { return .none }
        let ceiling = min(20_000, Int64(100) << min(failures - 1, 8))
        let wait = Int64(Double(ceiling) * min(max(environment.chance(), 0), 1))
        return environment.now() + wait / 1000 <= deadline ? .wait(milliseconds: wait) : .none
    }
}
