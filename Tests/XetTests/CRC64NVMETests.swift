import Testing
import Xet

struct CRC64NVMETests {
    private func checksum(_ bytes: [UInt8]) -> UInt64 {
        var checksum = CRC64NVME()
        bytes.withUnsafeBytes { checksum.update($0) }
        return checksum.value
    }

    @Test
    func agreesWithClients() throws {
        let vectors = try Vectors.all.get()
        #expect(String(checksum(Array("123456789".utf8))) == vectors.crc64nvme.check_123456789)
        #expect(try String(checksum(bytes(hex: vectors.hello_xorb.bytes))) == vectors.crc64nvme.hello_xorb)
        #expect(checksum([]) == 0)
    }

    @Test
    func takesPieces() {
        var numbers = SeededNumbers(3)
        let content = numbers.bytes(10_000)
        var pieces = CRC64NVME()
        content.inPieces(seed: 4, upTo: 40) { pieces.update($0) }
        #expect(pieces.value == checksum(content))
    }
}
