/// CRC-64/NVME of bytes that come in pieces, the checksum of a xorb on its way to a store.
///
/// - Source: NVM Command Set Specification, section 5.2.1.3.4 "64b CRC"; Xet protocol specification, "Upload grants".
package struct CRC64NVME: Sendable {
    private static let polynomial: UInt64 = 0x9a6c_9329_ac4b_c9b5

    /// Eight tables of 256: table k has the effect of a byte with k more bytes behind it.
    private static let tables: [UInt64] = {
        var tables = (0..<256).map { byte in
            (0..<8).reduce(UInt64(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
        }
        for index in 256..<(8 * 256) {
            let before = tables[index - 256]
            tables.append(before >> 8 ^ tables[Int(before & 0xff)])
        }
        return tables
    }()

    private var register = UInt64.max

    /// Starts from no bytes.
    package init() {}

    /// The checksum of everything taken in so far; more may follow.
    package var value: UInt64 { ~register }

    /// Takes in `bytes`; any number, also none.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        register = CRC64NVME.tables.withUnsafeBufferPointer { tables in
            guard let table = tables.baseAddress, let base = bytes.baseAddress else { return register }
            return CRC64NVME.advance(register, over: base, count: bytes.count, table)
        }
    }

    private static func advance(
        _ register: UInt64,
        over base: UnsafeRawPointer,
        count: Int,
        _ table: UnsafePointer<UInt64>
    ) -> UInt64 {
        var register = register
        var position = 0
        while position &+ 8 <= count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self)) ^ register
            let lower = table[1792 &+ Int(word & 0xff)] ^ table[1536 &+ Int(word &>> 8 & 0xff)]
            let second = table[1280 &+ Int(word &>> 16 & 0xff)] ^ table[1024 &+ Int(word &>> 24 & 0xff)]
            let third = table[768 &+ Int(word &>> 32 & 0xff)] ^ table[512 &+ Int(word &>> 40 & 0xff)]
            let upper = table[256 &+ Int(word &>> 48 & 0xff)] ^ table[Int(word &>> 56)]
            register = lower ^ second ^ third ^ upper
            position &+= 8
        }
        while position < count {
            let byte = base.load(fromByteOffset: position, as: UInt8.self)
            register = register &>> 8 ^ table[Int(UInt8(truncatingIfNeeded: register) ^ byte)]
            position &+= 1
        }
        return register
    }
}
