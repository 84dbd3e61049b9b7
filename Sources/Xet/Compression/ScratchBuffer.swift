/// Memory that one owner reuses for one chunk after the other.
final class ScratchBuffer {
    let bytes: UnsafeMutableRawBufferPointer

    /// Memory of `count` bytes with any content.
    init(count: Int) {
        bytes = .allocate(byteCount: count, alignment: 64)
    }

    deinit {
        bytes.deallocate()
    }

    /// The first `count` bytes; all if there are fewer.
    func prefix(_ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: bytes[..<min(max(count, 0), bytes.count)])
    }
}
