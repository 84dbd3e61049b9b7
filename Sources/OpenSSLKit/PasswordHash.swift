import COpenSSL

/// Passwords as they are stored: scrypt, which costs memory as well as time.
///
/// The text is `$scrypt$ln=15,r=8,p=1$SALT$HASH`, with salt and hash in unpadded standard base64, so that a stored hash
/// brings its own cost and `standard` may grow without making old ones useless.
/// - Source: RFC 7914; the text form is that of passlib and of the PHC string format.
package enum PasswordHash {
    /// What one hash costs.
    package struct Parameters: Sendable, Equatable {
        /// Binary logarithm of N.
        ///
        /// 128 · r · 2^ln bytes of memory are needed.
        package var logarithm: Int
        /// Block size.
        package var blockSize: Int
        /// Parallelisation: that many times the work, not the memory.
        package var parallelization: Int

        /// 32 MiB and about 80 ms on a server of today.
        package static let standard = Parameters(logarithm: 15, blockSize: 8, parallelization: 1)

        /// Another cost; tests take less.
        package init(logarithm: Int, blockSize: Int, parallelization: Int) {
            self.logarithm = logarithm
            self.blockSize = blockSize
            self.parallelization = parallelization
        }

        /// Whether a hash read from the database may make us do this much: at most 256 MiB, 16 times over.
        var isAcceptable: Bool {
            (1...20).contains(logarithm) && (1...32).contains(blockSize) && (1...16).contains(parallelization)
                && memory <= 256 << 20
        }

        var memory: Int { (128 * blockSize) << logarithm }
    }

    /// A stored text that is not of the form above, or of a cost beyond reason.
    package struct Malformed: Error, Equatable {}

    private static let byteCount = 32
    private static let saltByteCount = 16

    /// Hashes with a new random salt.
    ///
    /// Takes time and memory as `parameters` says: call it on a thread that may block.
    ///
    /// - Throws: `OpenSSLError` when there is no memory; `Malformed` when the parameters are beyond reason.
    package static func hash(_ password: [UInt8], parameters: Parameters = .standard) throws -> String {
        let salt = try RandomBytes.generate(saltByteCount)
        let key = try derive(password, salt: salt, parameters: parameters, count: byteCount)
        let cost = "ln=\(parameters.logarithm),r=\(parameters.blockSize),p=\(parameters.parallelization)"
        return "$scrypt$\(cost)$\(Base64.encode(salt, padded: false))$\(Base64.encode(key, padded: false))"
    }

    /// Whether `password` is the one that `stored` was made from.
    ///
    /// Costs as much as `hash`, right or wrong.
    ///
    /// - Throws: `Malformed` when `stored` is not one of our texts.
    package static func verify(_ password: [UInt8], against stored: String) throws -> Bool {
        guard let parsed = Stored(stored) else { throw Malformed() }
        let key = try derive(password, salt: parsed.salt, parameters: parsed.parameters, count: parsed.key.count)
        return constantTimeEqual(key, parsed.key)
    }

    private static func derive(
        _ password: [UInt8],
        salt: [UInt8],
        parameters: Parameters,
        count: Int
    ) throws -> [UInt8] {
        guard parameters.isAcceptable else { throw Malformed() }
        var key = [UInt8](repeating: 0, count: count)
        // libcrypto refuses by default what needs 32 MiB and a little more; a stated bound is given room for the rest.
        let bound = UInt64(parameters.memory + (1 << 20) * parameters.parallelization)
        try check(while: "hashing a password") {
            password.withUnsafeBytes { bytes in
                EVP_PBE_scrypt(
                    bytes.bindMemory(to: CChar.self).baseAddress,
                    bytes.count,
                    salt,
                    salt.count,
                    UInt64(1) << UInt64(parameters.logarithm),
                    UInt64(parameters.blockSize),
                    UInt64(parameters.parallelization),
                    bound,
                    &key,
                    count
                )
            }
        }
        return key
    }
}

/// The parts of a stored text.
private struct Stored {
    var parameters: PasswordHash.Parameters
    var salt: [UInt8]
    var key: [UInt8]

    init?(_ text: String) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 5, fields[0].isEmpty, fields[1] == "scrypt" else { return nil }
        let costs = fields[2].split(separator: ",", omittingEmptySubsequences: false)
        guard costs.count == 3,
            let logarithm = Self.number(costs[0], after: "ln="),
            let blockSize = Self.number(costs[1], after: "r="),
            let parallelization = Self.number(costs[2], after: "p="),
            let salt = Self.bytes(fields[3]),
            let key = Self.bytes(fields[4]),
            !key.isEmpty
        else { return nil }
        parameters = .init(logarithm: logarithm, blockSize: blockSize, parallelization: parallelization)
        self.salt = salt
        self.key = key
    }

    private static func number(_ text: Substring, after prefix: String) -> Int? {
        guard text.hasPrefix(prefix) else { return nil }
        return Int(text.dropFirst(prefix.count))
    }

    /// Unpadded base64 of at most 64 bytes.
    private static func bytes(_ text: Substring) -> [UInt8]? {
        guard text.utf8.count <= 86 else { return nil }
        return Base64.decode(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
    }
}
