import Dispatch

private let queue = DispatchQueue(label: "granary.testing.blocking", attributes: .concurrent)

/// Runs blocking calls away from Swift's cooperative threads.
package func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Swift.Result(catching: body)) }
    }
}

/// Asks again and again until the answer is yes or the time is over.
///
/// - Returns: whether the condition was met in time.
package func eventually(
    within limit: Duration = .seconds(30),
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(50))
    }
    return try await condition()
}
