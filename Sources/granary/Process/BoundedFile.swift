import Glibc

/// Small files that must be read whole.
enum BoundedFile {
    /// Why a file was not read.
    enum Failure: Error, CustomStringConvertible {
        case system(Int32)
        case tooLarge(limit: Int)
        case notText

        /// The reason, to follow "cannot read FILE: ".
        var description: String {
            switch self {
            case .system(let code): SystemError.text(code)
            case .tooLarge(let limit): "it is larger than \(ByteCount.text(Int64(limit)))"
            case .notText: "it is not UTF-8 text"
            }
        }
    }

    /// Reads the file, or standard input for "-".
    ///
    /// - Throws: `tooLarge` as soon as more than `limit` bytes came.
    static func readText(_ path: String, limit: Int) throws(Failure) -> String {
        guard path != "-" else { return try readText(descriptor: STDIN_FILENO, limit: limit) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno) }
        defer { close(descriptor) }
        return try readText(descriptor: descriptor, limit: limit)
    }

    private static func readText(descriptor: Int32, limit: Int) throws(Failure) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(errno) }
            guard count > 0 else { break }
            guard bytes.count + count <= limit else { throw .tooLarge(limit: limit) }
            bytes += chunk[..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        return text
    }
}
