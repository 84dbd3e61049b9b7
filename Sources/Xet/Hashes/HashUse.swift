/// The hash functions of the protocol: one for each use, told apart by the key.
///
/// - Source: Xet protocol specification, "Hashing".
package enum HashUse {
    /// Of the raw bytes of a chunk.
    package static let chunk = Blake3(
        key: XetHash(
            words: SIMD4(0xde50_955b_77f5_9766, 0x1c18_97a5_accb_3531, 0x582b_eb9b_1021_e49d, 0x29f2_ad93_4bb0_d0b4)
        )
    )

    /// Of the lines that describe the children of a node in a Merkle tree.
    package static let node = Blake3(
        key: XetHash(
            words: SIMD4(0x9629_47a5_c7c5_7e01, 0xe602_8ab4_6666_94fd, 0xd26d_c737_6f53_dd5d, 0x3f71_534a_e652_63f8)
        )
    )

    /// Of the raw chunk hashes of a term, one after the other: only who has had the chunks can tell it.
    package static let verification = Blake3(
        key: XetHash(
            words: SIMD4(0x66ed_56ce_d657_187f, 0xf3c3_a5e7_13f9_7f12, 0xe649_dbb5_d526_cda4, 0xc394_fb28_7f98_2441)
        )
    )

    /// Of the root over the chunks of a file.
    package static let file = Blake3(key: .zero)
}
