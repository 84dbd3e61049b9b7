import Metadata
import Synchronization

/// Counts failed logins by address and by account and address, and says when there were too many.
///
/// A whole attempt is counted before its password is looked at and given back when it was right; otherwise as many guesses
/// as run at the same time would pass. Tokens are 256 random bits, so guessing is hopeless and a right one is never
/// held up: their failures only count.
///
/// Memory is bounded: when the table is full what began longest ago is forgotten, an eighth at a time.
final class LoginThrottle: Sendable {
    /// What failures are counted of.
    private enum Subject: Hashable {
        case address(String)
        case account(String, from: String)
    }

    private struct Window {
        var start: Timestamp
        var failures: Int
    }

    private let limits: LoginLimits
    private let windows = Mutex<[Subject: Window]>([:])

    init(limits: LoginLimits) {
        self.limits = limits
    }

    /// Counts an attempt with a password.
    ///
    /// - Parameters:
    ///   - account: the name as it was given; folded here, so that spellings share a count.
    ///   - address: the client's, without port.
    /// - Throws: `HubError.limited`, without counting, when the account at that address or the address has failed too often.
    func begin(account: String, address: String, at now: Timestamp) throws(HubError) {
        let address = ClientNetwork(address: address).text
        let subjects: [(Subject, Int)] = [
            (.account(Self.fold(account), from: address), limits.failuresPerAccountAndAddress),
            (.address(address), limits.failuresPerAddress),
        ]
        let seconds = windows.withLock { windows -> Int? in
            let waits = subjects.compactMap { wait(for: $0, limit: $1, in: windows, at: now) }
            if let longest = waits.max() { return longest }
            for (subject, _) in subjects { count(subject, in: &windows, at: now) }
            return nil
        }
        if let seconds { throw Self.limited(seconds) }
    }

    /// Gives an attempt back whose password was right.
    func succeed(account: String, address: String) {
        let address = ClientNetwork(address: address).text
        windows.withLock { windows in
            for subject in [Subject.account(Self.fold(account), from: address), .address(address)] {
                guard var window = windows[subject] else { continue }
                window.failures = max(0, window.failures - 1)
                windows[subject] = window
            }
        }
    }

    /// Counts a token that was wrong.
    ///
    /// - Throws: `HubError.limited` when the address has failed too often.
    func countWrongToken(address: String, at now: Timestamp) throws(HubError) {
        let subject = Subject.address(ClientNetwork(address: address).text)
        let seconds = windows.withLock { windows -> Int? in
            if let wait = wait(for: subject, limit: limits.failuresPerAddress, in: windows, at: now) { return wait }
            count(subject, in: &windows, at: now)
            return nil
        }
        if let seconds { throw Self.limited(seconds) }
    }

    private static func limited(_ seconds: Int) -> HubError {
        HubError(.limited(retryAfterSeconds: seconds), "Too many failed logins. Try again in \(seconds) seconds.")
    }

    /// Cut, so that long names cost no memory.
    private static func fold(_ name: String) -> String {
        foldedName(String(decoding: name.utf8.prefix(128), as: UTF8.self))
    }

    private var windowMicroseconds: Int64 { Int64(limits.windowSeconds) * 1_000_000 }

    /// Seconds until the subject may try again, at least 1; nil when it may now.
    private func wait(for subject: Subject, limit: Int, in windows: [Subject: Window], at now: Timestamp) -> Int? {
        guard let window = windows[subject], isCurrent(window, at: now), window.failures >= limit else { return nil }
        let remaining = window.start.microseconds + windowMicroseconds - now.microseconds
        return Int(clamping: max(1, (remaining + 999_999) / 1_000_000))
    }

    private func count(_ subject: Subject, in windows: inout [Subject: Window], at now: Timestamp) {
        if var window = windows[subject], isCurrent(window, at: now) {
            window.failures += 1
            windows[subject] = window
            return
        }
        if windows.count >= limits.entries { makeRoom(in: &windows, at: now) }
        windows[subject] = Window(start: now, failures: 1)
    }

    /// A window that began in the future was left by a clock that has been set back; it is over.
    private func isCurrent(_ window: Window, at now: Timestamp) -> Bool {
        window.start <= now && now.microseconds - window.start.microseconds < windowMicroseconds
    }

    private func makeRoom(in windows: inout [Subject: Window], at now: Timestamp) {
        windows = windows.filter { isCurrent($0.value, at: now) }
        guard windows.count >= limits.entries else { return }
        let oldest = windows.sorted { $0.value.start < $1.value.start }.prefix(limits.entries / 8 + 1)
        for (subject, _) in oldest { windows[subject] = nil }
    }
}
