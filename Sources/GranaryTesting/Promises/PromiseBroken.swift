/// An implementation did not keep a promise.
package struct PromiseBroken: Error, CustomStringConvertible {
    /// What should have been so, and where that was said.
    package let description: String

    init(_ sentence: String, _ file: StaticString, _ line: UInt) {
        description = "\(file):\(line): \(sentence)"
    }
}

/// Demands that something holds.
/// - Throws: `PromiseBroken` with the sentence when it does not.
func promise(
    _ holds: Bool,
    _ sentence: String,
    file: StaticString = #fileID,
    line: UInt = #line
) throws(PromiseBroken) {
    guard holds else { throw PromiseBroken("broken: \(sentence)", file, line) }
}

/// Demands that two values are equal.
/// - Throws: `PromiseBroken` with both when they are not.
func promise<Value: Equatable>(
    _ value: Value,
    is expected: Value,
    file: StaticString = #fileID,
    line: UInt = #line
) throws(PromiseBroken) {
    guard value == expected else { throw PromiseBroken("got \(value), expected \(expected)", file, line) }
}

/// Demands that there is a value, and gives it.
/// - Throws: `PromiseBroken` when there is none.
func present<Value>(
    _ value: Value?,
    file: StaticString = #fileID,
    line: UInt = #line
) throws(PromiseBroken) -> Value {
    guard let value else { throw PromiseBroken("got nil, expected a \(Value.self)", file, line) }
    return value
}

/// Demands that an operation fails in a certain way.
/// - Throws: `PromiseBroken` when it succeeds or throws something else.
func promiseFailure<Value>(
    _ isExpected: (any Error) -> Bool,
    file: StaticString = #fileID,
    line: UInt = #line,
    of operation: () async throws -> Value
) async throws {
    let value: Value
    do {
        value = try await operation()
    } catch {
        guard isExpected(error) else { throw PromiseBroken("failed in another way: \(error)", file, line) }
        return
    }
    throw PromiseBroken("succeeded with \(value), should have failed", file, line)
}
