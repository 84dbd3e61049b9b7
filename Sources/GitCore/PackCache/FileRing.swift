/// A file in which positions beyond its capacity begin again at its beginning.
struct FileRing {
    let file: OpenFile
    /// In bytes.
    let capacity: Int64

    /// Writes all of `bytes`, of which there are at most as many as the file holds.
    func write(_ bytes: UnsafeRawBufferPointer, at position: Int64) throws(FileError) {
        let first = Int(min(Int64(bytes.count), capacity - position % capacity))
        try file.write(UnsafeRawBufferPointer(rebasing: bytes[..<first]), at: position % capacity)
        guard first < bytes.count else { return }
        try file.write(UnsafeRawBufferPointer(rebasing: bytes[first...]), at: 0)
    }

    /// Fills `buffer`.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(FileError) {
        let first = Int(min(Int64(buffer.count), capacity - position % capacity))
        try file.readAll(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<first]), at: position % capacity)
        guard first < buffer.count else { return }
        try file.readAll(into: UnsafeMutableRawBufferPointer(rebasing: buffer[first...]), at: 0)
    }
}
