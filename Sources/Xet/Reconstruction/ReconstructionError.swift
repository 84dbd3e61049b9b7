/// Why a file cannot be put together as its terms say: our own records are wrong.
package enum ReconstructionError: Error, Equatable, Sendable {
    /// The packed form of terms is damaged.
    case malformedTerms
    /// No index was given for this xorb.
    case unknownXorb(XetHash)
    /// The xorb has not the chunks of a term, or they have another number of raw bytes.
    case termMismatch(XetHash)
}
