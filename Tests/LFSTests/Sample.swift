import LFS
import NIOCore
import ObjectStore
import Testing

/// The SHA-256 of "abc", which is 3 bytes long.
let abcHex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
/// The SHA-256 of nothing.
let emptyHex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/// The object of a hexadecimal oid.
func object(_ hex: String = abcHex, _ size: Int64 = 3) throws -> LFSObject {
    let oid = try #require(ObjectKey(hex: hex))
    return try #require(LFSObject(oid: oid, size: size))
}

func body(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

/// The status with which a body is refused; nil when it is not.
func status(_ work: () throws -> Void) -> Int? {
    do {
        try work()
        return nil
    } catch {
        return (error as? LFSFailure)?.status ?? 0
    }
}
