import CLZ4

/// Why a frame was refused.
package enum LZ4FrameError: Error, Equatable, Sendable {
    /// Not a frame of LZ4 data: another magic number, such as that of a skippable frame, or too short.
    case notAFrame
    /// The frame was made with a dictionary, which nobody has agreed on.
    case needsDictionary
    /// Damaged, or incomplete.
    case damaged
    /// The content is longer or shorter than was declared.
    case wrongLength
    /// Bytes follow the frame.
    case trailingBytes
    /// liblz4 cannot get memory.
    case outOfMemory
}

/// Decodes LZ4 frames whose length is known.
///
/// Holds memory of liblz4: up to twice the block size that a frame declares, which is 4 MiB at most. Belongs to one
/// thread at a time.
/// - Source: LZ4 Frame Format Description, 1.6.
package final class LZ4FrameDecoder {
    private static let magic: UInt32 = 0x184d_2204
    /// Magic number, descriptor of three bytes, end mark.
    private static let shortestFrame = 11
    private static let dictionaryFlag: UInt8 = 1

    /// Between frames; nil after an error.
    private var context: OpaquePointer?

    /// - Throws: `outOfMemory`.
    package init() throws(LZ4FrameError) {
        context = try LZ4FrameDecoder.newContext()
    }

    deinit {
        LZ4F_freeDecompressionContext(context)
    }

    private static func newContext() throws(LZ4FrameError) -> OpaquePointer {
        var context: OpaquePointer?
        let status = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(status) == 0, let context else { throw .outOfMemory }
        return context
    }

    /// Decodes exactly one frame, which must fill `output` exactly.
    ///
    /// Never writes outside `output`, whatever the frame says. Frames of all block sizes, with linked blocks and with
    /// checksums, which are verified, are accepted; skippable frames and several frames after each other are not,
    /// because no client sends them.
    package func decode(
        _ frame: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(LZ4FrameError) {
        guard let input = frame.baseAddress, frame.count >= LZ4FrameDecoder.shortestFrame,
            UInt32(littleEndian: input.loadUnaligned(as: UInt32.self)) == LZ4FrameDecoder.magic
        else { throw .notAFrame }
        guard frame[4] & LZ4FrameDecoder.dictionaryFlag == 0 else { throw .needsDictionary }
        // liblz4 1.9.4 keeps the content size of an aborted frame even over a reset, and would refuse the next frame.
        let current: OpaquePointer
        if let context { current = context } else { current = try LZ4FrameDecoder.newContext() }
        context = nil
        do throws(LZ4FrameError) {
            try decode(from: input, count: frame.count, into: output, with: current)
            context = current
        } catch {
            LZ4F_freeDecompressionContext(current)
            throw error
        }
    }

    private func decode(
        from input: UnsafeRawPointer,
        count: Int,
        into output: UnsafeMutableRawBufferPointer,
        with context: OpaquePointer
    ) throws(LZ4FrameError) {
        var options = LZ4F_decompressOptions_t()
        // The output stays where it is until the end of the frame: blocks may refer to it.
        options.stableDst = 1
        var (read, written) = (0, 0)
        while true {
            var (consumed, produced) = (count - read, output.count - written)
            let target = output.baseAddress.map { $0 + written }
            let hint = LZ4F_decompress(context, target, &produced, input + read, &consumed, &options)
            guard LZ4F_isError(hint) == 0 else { throw .damaged }
            read += consumed
            written += produced
            if hint == 0 { break }
            guard consumed > 0 || produced > 0 else { throw read == count ? .damaged : .wrongLength }
        }
        guard written == output.count else { throw .wrongLength }
        guard read == count else { throw .trailingBytes }
    }
}
