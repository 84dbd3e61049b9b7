import Synchronization

/// Gives each request an id: 16 hexadecimal digits that start at random and count up.
package final class RequestIDs: Sendable {
    private let counter: Atomic<UInt64>

    /// Ids after `start`.
    package init(start: UInt64 = UInt64.random(in: .min ... .max)) {
        counter = Atomic(start)
    }

    /// The next id.
    package func next() -> String {
        let digits = String(counter.wrappingAdd(1, ordering: .relaxed).newValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A client's own id, if it is one that logs can carry: 1 through 128 of letters, digits, "-", "_", "." and ":".
    package static func validated(_ text: String?) -> String? {
        guard let text, (1...128).contains(text.utf8.count) else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            switch UInt8(byte) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"): true
            default: false
            }
        }
        return isPlain ? text : nil
    }
}
