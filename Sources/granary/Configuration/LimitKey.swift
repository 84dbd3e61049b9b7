import GitCore
import HubAPI
import HubCore
import SSHD

/// Everything that bounds what clients may cost.
struct ServerLimits: Sendable {
    /// Of git requests and pushes.
    var git = GitLimits.standard
    /// Of connections and requests.
    var http = HTTPLimits.standard
    /// Of SSH connections.
    var ssh = SSHLimits.standard
    /// Of git requests at the same time.
    var concurrency = GitConcurrency.standard
    /// Of packs that are kept for the next who asks.
    var packCache = PackCache.Limits()
    /// Of requests in a time.
    var rates = RateLimits.standard
}

/// A key that sets one field of `ServerLimits`; its default is the field's.
struct LimitKey: Sendable {
    /// The key's row of the table.
    let declaration: KeyDeclaration
    /// Reads the text and sets the field; false when the text is not acceptable.
    let apply: @Sendable (_ text: String, _ limits: inout ServerLimits) -> Bool

    private init(
        _ name: String,
        _ format: ValueFormat<Int64>,
        default defaultText: String,
        _ meaning: String,
        set: @escaping @Sendable (inout ServerLimits, Int64) -> Void
    ) {
        let key = ConfigurationKey("limits." + name, format, default: defaultText, flag: .set, meaning)
        declaration = key.declaration
        apply = { text, limits in
            guard let value = key.parse(text) else { return false }
            set(&limits, value)
            return true
        }
    }

    /// A limit in bytes.
    static func bytes<Number: FixedWidthInteger & SendableMetatype>(
        _ name: String,
        _ field: any WritableKeyPath<ServerLimits, Number> & Sendable,
        _ range: ClosedRange<Int64>,
        _ meaning: String
    ) -> LimitKey {
        let standard = Int64(clamping: ServerLimits()[keyPath: field])
        return LimitKey(name, .bytes(range), default: ByteCount.text(standard), meaning) {
            $0[keyPath: field] = Number(clamping: $1)
        }
    }

    /// A limit that is a number.
    static func count<Number: FixedWidthInteger & SendableMetatype>(
        _ name: String,
        _ field: any WritableKeyPath<ServerLimits, Number> & Sendable,
        _ range: ClosedRange<Int64>,
        _ meaning: String
    ) -> LimitKey {
        LimitKey(name, .integer(range), default: "\(ServerLimits()[keyPath: field])", meaning) {
            $0[keyPath: field] = Number(clamping: $1)
        }
    }

    /// A limit in whole seconds.
    static func seconds(
        _ name: String,
        _ field: any WritableKeyPath<ServerLimits, Double> & Sendable,
        _ range: ClosedRange<Int64>,
        _ meaning: String
    ) -> LimitKey {
        let standard = Int64(exactly: ServerLimits()[keyPath: field].rounded()) ?? range.lowerBound
        return LimitKey(name, .integer(range), default: "\(standard)", meaning) { $0[keyPath: field] = Double($1) }
    }
}
