/// zlib streams made without a compressor.
package enum StoredDeflate {
    /// A zlib stream of stored (uncompressed) blocks.
    ///
    /// - Source: RFC 1950 and RFC 1951, 3.2.4.
    package static func stream(of bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        var offset = 0
        repeat {
            let end = min(bytes.count, offset + 65_535)
            let length = UInt16(truncatingIfNeeded: end - offset)
            stream.append(end == bytes.count ? 1 : 0)
            stream += [UInt8(length & 0xff), UInt8(length >> 8), UInt8(~length & 0xff), UInt8(~length >> 8)]
            stream += bytes[offset..<end]
            offset = end
        } while offset < bytes.count
        return stream + bigEndian(adler32(bytes))
    }

    /// A compressed zlib stream of `count` zero bytes: a bomb of about one byte for every thousand.
    ///
    /// The deflating is done by the system's `gzip`; the checksum of zeros is known without reading them.
    package static func zeros(_ count: Int) async throws -> [UInt8] {
        var command = Command("sh", ["-c", "head -c \(count) /dev/zero | gzip --no-name --best"])
        command.timeout = .seconds(300)
        let gzip = try await command.run().required().standardOutput
        let sum = UInt32(truncatingIfNeeded: count % 65_521) << 16 | 1
        return [0x78, 0xda] + gzip[10..<(gzip.count - 8)] + bigEndian(sum)
    }

    /// The checksum of a zlib stream.
    package static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}

/// The four bytes of a number, most significant first.
func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}
