/// Puts every fourth byte together, so that the like bytes of 32-bit numbers lie side by side.
///
/// First come the bytes at positions 0, 4, 8 and so on, then those at 1, 5, 9, then 2, then 3. With `4q + r` bytes the
/// first `r` groups have `q + 1` bytes and the others `q`.
/// - Source: Xet protocol specification, "Byte grouping".
package enum ByteGrouping {
    /// Groups `plain`.
    ///
    /// - Parameter grouped: as many bytes, apart from `plain`; nothing happens if the lengths differ.
    package static func group(_ plain: UnsafeRawBufferPointer, into grouped: UnsafeMutableRawBufferPointer) {
        guard plain.count == grouped.count, let source = plain.baseAddress, let target = grouped.baseAddress else {
            return
        }
        let starts = starts(of: plain.count)
        let whole = plain.count / 4
        var index = 0
        while index &+ 8 <= whole {
            let bytes = source.loadUnaligned(fromByteOffset: 4 &* index, as: SIMD32<UInt8>.self)
            let (even, odd) = (bytes.evenHalf, bytes.oddHalf)
            target.storeBytes(of: even.evenHalf, toByteOffset: starts[0] &+ index, as: SIMD8<UInt8>.self)
            target.storeBytes(of: odd.evenHalf, toByteOffset: starts[1] &+ index, as: SIMD8<UInt8>.self)
            target.storeBytes(of: even.oddHalf, toByteOffset: starts[2] &+ index, as: SIMD8<UInt8>.self)
            target.storeBytes(of: odd.oddHalf, toByteOffset: starts[3] &+ index, as: SIMD8<UInt8>.self)
            index &+= 8
        }
        for position in (4 &* index)..<plain.count {
            let byte = source.load(fromByteOffset: position, as: UInt8.self)
            target.storeBytes(of: byte, toByteOffset: starts[position & 3] &+ position / 4, as: UInt8.self)
        }
    }

    /// Undoes `group`.
    ///
    /// - Parameter plain: as many bytes, apart from `grouped`; nothing happens if the lengths differ.
    package static func ungroup(_ grouped: UnsafeRawBufferPointer, into plain: UnsafeMutableRawBufferPointer) {
        guard plain.count == grouped.count, let source = grouped.baseAddress, let target = plain.baseAddress else {
            return
        }
        let starts = starts(of: plain.count)
        let whole = plain.count / 4
        var index = 0
        while index &+ 8 <= whole {
            var (even, odd) = (SIMD16<UInt8>.zero, SIMD16<UInt8>.zero)
            even.evenHalf = source.loadUnaligned(fromByteOffset: starts[0] &+ index, as: SIMD8<UInt8>.self)
            odd.evenHalf = source.loadUnaligned(fromByteOffset: starts[1] &+ index, as: SIMD8<UInt8>.self)
            even.oddHalf = source.loadUnaligned(fromByteOffset: starts[2] &+ index, as: SIMD8<UInt8>.self)
            odd.oddHalf = source.loadUnaligned(fromByteOffset: starts[3] &+ index, as: SIMD8<UInt8>.self)
            var bytes = SIMD32<UInt8>.zero
            (bytes.evenHalf, bytes.oddHalf) = (even, odd)
            target.storeBytes(of: bytes, toByteOffset: 4 &* index, as: SIMD32<UInt8>.self)
            index &+= 8
        }
        for position in (4 &* index)..<plain.count {
            let byte = source.load(fromByteOffset: starts[position & 3] &+ position / 4, as: UInt8.self)
            target.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
        }
    }

    /// Where each group starts.
    private static func starts(of count: Int) -> SIMD4<Int> {
        let (whole, rest) = (count / 4, count % 4)
        return SIMD4(0, whole + min(rest, 1), 2 * whole + min(rest, 2), 3 * whole + rest)
    }
}
