/// One number of each of four computations that go in step.
typealias Lanes = SIMD4<UInt32>

/// The chaining values of four computations.
struct ChainingLanes {
    var w0, w1, w2, w3, w4, w5, w6, w7: Lanes

    /// The same value for all four.
    @inline(__always)
    init(repeating value: SIMD8<UInt32>) {
        w0 = Lanes(repeating: value[0])
        w1 = Lanes(repeating: value[1])
        w2 = Lanes(repeating: value[2])
        w3 = Lanes(repeating: value[3])
        w4 = Lanes(repeating: value[4])
        w5 = Lanes(repeating: value[5])
        w6 = Lanes(repeating: value[6])
        w7 = Lanes(repeating: value[7])
    }

    /// Writes the values of the first `count` of the four.
    func store(_ count: Int, to values: UnsafeMutablePointer<SIMD8<UInt32>>) {
        for lane in 0..<count { values[lane] = value(ofLane: lane) }
    }

    /// The chaining value of one of the four.
    func value(ofLane lane: Int) -> SIMD8<UInt32> {
        SIMD8(w0[lane], w1[lane], w2[lane], w3[lane], w4[lane], w5[lane], w6[lane], w7[lane])
    }
}

/// Where the inputs of the second to the fourth computation lie, seen from the first.
struct LaneOffsets {
    let second, third, fourth: Int

    /// Inputs `stride` bytes apart.
    ///
    /// With fewer than four, the last one is read again, so that nothing behind it is.
    /// - Parameter count: 1 through 4.
    @inline(__always)
    init(stride: Int, count: Int) {
        second = min(1, count &- 1) &* stride
        third = min(2, count &- 1) &* stride
        fourth = min(3, count &- 1) &* stride
    }
}

/// The message blocks of four computations, 16 numbers each.
struct MessageLanes {
    var m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15: Lanes

    /// Reads four blocks of 64 bytes, one from `block` on and one from each of the offsets.
    @inline(__always)
    init(loading block: UnsafeRawPointer, _ offsets: LaneOffsets) {
        (m0, m1, m2, m3) = MessageLanes.columns(block, offsets)
        (m4, m5, m6, m7) = MessageLanes.columns(block + 16, offsets)
        (m8, m9, m10, m11) = MessageLanes.columns(block + 32, offsets)
        (m12, m13, m14, m15) = MessageLanes.columns(block + 48, offsets)
    }

    /// Four numbers of each block, turned so that each result has one number of every block.
    @inline(__always)
    private static func columns(_ row: UnsafeRawPointer, _ offsets: LaneOffsets) -> (Lanes, Lanes, Lanes, Lanes) {
        let upper = SIMD8(
            lowHalf: row.loadUnaligned(as: Lanes.self),
            highHalf: row.loadUnaligned(fromByteOffset: offsets.second, as: Lanes.self)
        )
        let lower = SIMD8(
            lowHalf: row.loadUnaligned(fromByteOffset: offsets.third, as: Lanes.self),
            highHalf: row.loadUnaligned(fromByteOffset: offsets.fourth, as: Lanes.self)
        )
        let even = SIMD8(lowHalf: upper.evenHalf, highHalf: lower.evenHalf)
        let odd = SIMD8(lowHalf: upper.oddHalf, highHalf: lower.oddHalf)
        return (even.evenHalf, odd.evenHalf, even.oddHalf, odd.oddHalf)
    }

    /// The order of the next round.
    ///
    /// Every use is unrolled, so this only renames values.
    @inline(__always)
    mutating func permute() {
        let old = self
        (m0, m1, m2, m3) = (old.m2, old.m6, old.m3, old.m10)
        (m4, m5, m6, m7) = (old.m7, old.m0, old.m4, old.m13)
        (m8, m9, m10, m11) = (old.m1, old.m11, old.m12, old.m5)
        (m12, m13, m14, m15) = (old.m9, old.m14, old.m15, old.m8)
    }
}

/// The sixteen numbers that the rounds stir, of four computations.
struct StateLanes {
    var v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15: Lanes

    /// Compresses one block into the chaining values of four computations.
    ///
    /// - Source: BLAKE3 paper, section 2.2 "Compression Function".
    @inline(__always)
    static func compress(
        _ message: MessageLanes,
        into chaining: inout ChainingLanes,
        counter: (low: Lanes, high: Lanes),
        length: UInt32,
        flags: UInt32
    ) {
        var state = StateLanes(chaining, counter: counter, length: length, flags: flags)
        var message = message
        state.round(message)
        message.permute()
        state.round(message)
        message.permute()
        state.round(message)
        message.permute()
        state.round(message)
        message.permute()
        state.round(message)
        message.permute()
        state.round(message)
        message.permute()
        state.round(message)
        chaining.w0 = state.v0 ^ state.v8
        chaining.w1 = state.v1 ^ state.v9
        chaining.w2 = state.v2 ^ state.v10
        chaining.w3 = state.v3 ^ state.v11
        chaining.w4 = state.v4 ^ state.v12
        chaining.w5 = state.v5 ^ state.v13
        chaining.w6 = state.v6 ^ state.v14
        chaining.w7 = state.v7 ^ state.v15
    }

    @inline(__always)
    private init(_ chaining: ChainingLanes, counter: (low: Lanes, high: Lanes), length: UInt32, flags: UInt32) {
        (v0, v1, v2, v3) = (chaining.w0, chaining.w1, chaining.w2, chaining.w3)
        (v4, v5, v6, v7) = (chaining.w4, chaining.w5, chaining.w6, chaining.w7)
        v8 = Lanes(repeating: 0x6a09_e667)
        v9 = Lanes(repeating: 0xbb67_ae85)
        v10 = Lanes(repeating: 0x3c6e_f372)
        v11 = Lanes(repeating: 0xa54f_f53a)
        (v12, v13) = (counter.low, counter.high)
        v14 = Lanes(repeating: length)
        v15 = Lanes(repeating: flags)
    }

    @inline(__always)
    private mutating func round(_ m: MessageLanes) {
        StateLanes.mix(&v0, &v4, &v8, &v12, m.m0, m.m1)
        StateLanes.mix(&v1, &v5, &v9, &v13, m.m2, m.m3)
        StateLanes.mix(&v2, &v6, &v10, &v14, m.m4, m.m5)
        StateLanes.mix(&v3, &v7, &v11, &v15, m.m6, m.m7)
        StateLanes.mix(&v0, &v5, &v10, &v15, m.m8, m.m9)
        StateLanes.mix(&v1, &v6, &v11, &v12, m.m10, m.m11)
        StateLanes.mix(&v2, &v7, &v8, &v13, m.m12, m.m13)
        StateLanes.mix(&v3, &v4, &v9, &v14, m.m14, m.m15)
    }

    @inline(__always)
    private static func mix(
        _ a: inout Lanes,
        _ b: inout Lanes,
        _ c: inout Lanes,
        _ d: inout Lanes,
        _ x: Lanes,
        _ y: Lanes
    ) {
        a = a &+ b &+ x
        d = rotate(d ^ a, 16)
        c = c &+ d
        b = rotate(b ^ c, 12)
        a = a &+ b &+ y
        d = rotate(d ^ a, 8)
        c = c &+ d
        b = rotate(b ^ c, 7)
    }

    /// The sum is an "or": the compiler turns it into vector shifts, and with `|` into four scalar rotations.
    @inline(__always)
    private static func rotate(_ value: Lanes, _ count: UInt32) -> Lanes {
        (value &>> Lanes(repeating: count)) &+ (value &<< Lanes(repeating: 32 - count))
    }
}
