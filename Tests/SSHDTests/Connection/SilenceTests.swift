import SSHD
import Testing

@Suite("Signatures without an answer")
struct SilenceTests {
    @Test func beginsWithWhatIsAsLargeAsASignature() {
        var silence = Silence()
        silence.note(received: 900, sent: 3, at: 1)
        #expect(silence.since == nil, "the key exchange has had its answers")
        silence.note(received: 1_100, sent: 3, at: 5)
        silence.note(received: 1_100, sent: 3, at: 6)
        #expect(silence.since == 5)
        silence.note(received: 1_400, sent: 3, at: 7)
        #expect(silence.since == 5, "another one does not begin it anew")
    }

    @Test func endsWithAnyAnswer() {
        var silence = Silence()
        silence.note(received: 900, sent: 3, at: 1)
        silence.note(received: 1_100, sent: 3, at: 5)
        silence.note(received: 1_300, sent: 4, at: 6)
        #expect(silence.since == nil)
        silence.note(received: 1_300, sent: 4, at: 7)
        #expect(silence.since == nil)
    }

    /// Some clients send a few meaningless bytes now and then while their owner types a passphrase.
    @Test func isNotMadeOfSmallPackets() {
        var silence = Silence()
        silence.note(received: 900, sent: 3, at: 1)
        for turn in 1...200 { silence.note(received: 900 + UInt64(turn) * 5, sent: 3, at: Int64(turn)) }
        #expect(silence.since == nil)
    }

    @Test func countersMayBeAnything() {
        var silence = Silence()
        silence.note(received: .max, sent: .max, at: 1)
        silence.note(received: 0, sent: .max, at: 2)
        silence.note(received: .max, sent: 0, at: .max)
        #expect(silence.since == nil)
    }
}
