import OpenSSLKit

/// A public key as `ssh-keygen` writes it: one line of algorithm, base64 and comment.
///
/// Taken: Ed25519, ECDSA on the three NIST curves, RSA of 2048 bits or more, and the two kinds that live in a security
/// key. DSA, certificates and options in front of the algorithm are refused.
/// - Source: RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4; OpenSSH's PROTOCOL.u2f.
package struct SSHPublicKey: Sendable, Equatable {
    /// Why a line is not a key that we take.
    package enum Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        case shape, tooLong, algorithm, base64, blob
        /// The name in front and the name inside the base64 differ.
        case mismatch
        case weakRSA(bits: Int)
        case largeRSA(bits: Int)

        /// One sentence for the key's owner.
        package var description: String {
            switch self {
            case .shape: "A public key is one line: algorithm, base64 text and an optional comment."
            case .tooLong: "The public key is too long."
            case .algorithm:
                "The key's algorithm is not supported. Use ssh-ed25519, ecdsa-sha2-nistp256/384/521, ssh-rsa or an sk- key."
            case .base64: "The key's base64 text is damaged."
            case .blob: "The key's content is damaged."
            case .mismatch: "The key's content is of another algorithm than the line says."
            case .weakRSA(let bits): "RSA keys need at least 2048 bits; this one has \(bits)."
            case .largeRSA(let bits): "RSA keys have at most 16384 bits; this one has \(bits)."
            }
        }
    }

    /// The algorithm's name, such as "ssh-ed25519".
    package let algorithm: String
    /// The key in SSH's binary format.
    package let blob: [UInt8]
    /// What stands behind the base64 text, without spaces around it; may be empty.
    package let comment: String

    private static let maximumBytes = 16 << 10

    /// Reads one line; a line ending and white space around it are allowed.
    package init(openSSHLine line: String) throws(Malformed) {
        guard line.utf8.count <= Self.maximumBytes else { throw .tooLong }
        let bytes = Self.trim(Array(line.utf8)[...])
        guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) else { throw .shape }
        let fields = bytes.split(maxSplits: 2, whereSeparator: Self.isSpace)
        guard fields.count >= 2 else { throw .shape }
        let algorithm = String(decoding: fields[0], as: UTF8.self)
        guard let layout = Layout(algorithm: algorithm) else { throw .algorithm }
        guard let blob = Base64.decode(String(decoding: fields[1], as: UTF8.self)) else { throw .base64 }
        try layout.check(blob, algorithm: algorithm)
        self.algorithm = algorithm
        self.blob = blob
        comment = fields.count == 3 ? String(decoding: Self.trim(fields[2]), as: UTF8.self) : ""
    }

    /// The base64 text, as in the line.
    package var base64: String { Base64.encode(blob) }

    /// "SHA256:" and the unpadded base64 of the blob's digest, as `ssh-keygen -l` prints it.
    package func fingerprint() throws -> String {
        "SHA256:" + Base64.encode(try SHA256.digest(blob), padded: false)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in isSpace(byte) || byte == 0x0a || byte == 0x0d }
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return bytes[start..<end]
    }
}

/// What a blob holds behind the algorithm's name.
private enum Layout {
    case ed25519(isSecurityKey: Bool)
    case ecdsa(curve: String, pointBytes: Int, isSecurityKey: Bool)
    case rsa

    init?(algorithm: String) {
        switch algorithm {
        case "ssh-ed25519": self = .ed25519(isSecurityKey: false)
        case "sk-ssh-ed25519@openssh.com": self = .ed25519(isSecurityKey: true)
        case "ecdsa-sha2-nistp256": self = .ecdsa(curve: "nistp256", pointBytes: 65, isSecurityKey: false)
        case "ecdsa-sha2-nistp384": self = .ecdsa(curve: "nistp384", pointBytes: 97, isSecurityKey: false)
        case "ecdsa-sha2-nistp521": self = .ecdsa(curve: "nistp521", pointBytes: 133, isSecurityKey: false)
        case "sk-ecdsa-sha2-nistp256@openssh.com":
            self = .ecdsa(curve: "nistp256", pointBytes: 65, isSecurityKey: true)
        case "ssh-rsa": self = .rsa
        default: return nil
        }
    }

    func check(_ blob: [UInt8], algorithm: String) throws(SSHPublicKey.Malformed) {
        var reader = SSHWireReader(blob)
        guard let inside = reader.string() else { throw .blob }
        guard inside.elementsEqual(algorithm.utf8) else { throw .mismatch }
        switch self {
        case .ed25519(let isSecurityKey):
            guard reader.string()?.count == 32 else { throw .blob }
            try checkApplication(isSecurityKey, &reader)
        case .ecdsa(let curve, let pointBytes, let isSecurityKey):
            guard reader.string()?.elementsEqual(curve.utf8) == true else { throw .blob }
            // 4 begins an uncompressed point, the only form OpenSSH writes.
            guard let point = reader.string(), point.count == pointBytes, point.first == 4 else { throw .blob }
            try checkApplication(isSecurityKey, &reader)
        case .rsa:
            guard let exponent = reader.positiveInteger(), exponent.last.map({ $0 & 1 == 1 }) == true,
                let modulus = reader.positiveInteger()
            else { throw .blob }
            try checkSize(of: modulus)
        }
        guard reader.isAtEnd else { throw .blob }
    }

    private func checkApplication(
        _ isSecurityKey: Bool,
        _ reader: inout SSHWireReader
    ) throws(SSHPublicKey.Malformed) {
        guard isSecurityKey else { return }
        guard let application = reader.string(), !application.isEmpty else { throw .blob }
    }

    private func checkSize(of modulus: ArraySlice<UInt8>) throws(SSHPublicKey.Malformed) {
        guard let first = modulus.first else { throw .blob }
        let bits = modulus.count * 8 - first.leadingZeroBitCount
        if bits < 2048 { throw .weakRSA(bits: bits) }
        if bits > 16_384 { throw .largeRSA(bits: bits) }
    }
}
