import CLZ4

/// Encodes bytes in memory as LZ4 frames, in the form that clients use: independent blocks, no checksums, no length.
package enum LZ4FrameEncoder {
    /// What a frame of `count` bytes may need.
    package static func bound(of count: Int) -> Int {
        var preferences = preferences
        return LZ4F_compressFrameBound(count, &preferences)
    }

    /// Encodes `input` as one frame.
    ///
    /// - Parameter output: at least `bound(of: input.count)` bytes.
    /// - Returns: the length of the frame; nil if `output` is too short.
    package static func encode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
        var preferences = preferences
        let count = LZ4F_compressFrame(output.baseAddress, output.count, input.baseAddress, input.count, &preferences)
        return LZ4F_isError(count) == 0 ? count : nil
    }

    private static var preferences: LZ4F_preferences_t {
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        // liblz4 takes the smallest size that holds the content: 64 KiB or, for longer chunks, 256 KiB.
        preferences.frameInfo.blockSizeID = LZ4F_max256KB
        return preferences
    }
}
