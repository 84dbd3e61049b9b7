/// Reads a pack mostly forwards through one buffer: few large reads instead of one for each entry.
///
/// Belongs to one thread at a time.
struct PackWindow {
    private let buffer: UnsafeMutableRawBufferPointer
    private var file: OpenFile?
    private var start: Int64 = 0
    private var count = 0

    /// Bytes of one read.
    static let capacity = 256 << 10

    /// The owner calls `deallocate`.
    init() {
        buffer = .allocate(byteCount: Self.capacity, alignment: 16)
    }

    func deallocate() {
        buffer.deallocate()
    }

    /// Whether the byte at `offset` was read already.
    func holds(_ file: OpenFile, _ offset: Int64) -> Bool {
        self.file === file && offset >= start && offset < start + Int64(count)
    }

    /// Up to `wanted` bytes at `offset`, at most `capacity`; fewer only at the end of the file.
    ///
    /// Valid until the next call.
    mutating func bytes(of file: OpenFile, at offset: Int64, wanted: Int) throws -> UnsafeRawBufferPointer {
        let wanted = min(wanted, Self.capacity)
        let isInside = self.file === file && offset >= start && offset + Int64(wanted) <= start + Int64(count)
        if !isInside {
            self.file = file
            start = offset
            count = 0
            count = try file.read(into: buffer, at: offset)
        }
        let first = Int(offset - start)
        return UnsafeRawBufferPointer(rebasing: buffer[first..<min(count, first + wanted)])
    }
}
