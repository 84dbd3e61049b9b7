import Access
import HubCore
import Metadata
import Testing

@Suite struct HubErrorTests {
    private struct Surprise: Error {}

    @Test(arguments: [
        (MetadataError.conflict("namespaces.folded_name"), HubError.Kind.conflict),
        (.notFound, .conflict),
        (.busy, .unavailable(retryAfterSeconds: 2)),
        (.unavailable("disk full at /var/lib/granary"), .unavailable(retryAfterSeconds: 10)),
        (.corrupt("users.is_admin = 7"), .internalFailure),
        (.failed("no such table: users"), .internalFailure),
        (.schemaTooNew(found: 9, known: 1), .internalFailure),
    ])
    func keepsTheDatabasesWordsFromClients(error: MetadataError, kind: HubError.Kind) {
        let translated = HubError.translating(error) as? HubError
        #expect(translated?.kind == kind)
        #expect(translated?.diagnostics == error.description)
        for word in ["users", "namespaces", "/var", "folded", "7", "9"] {
            #expect(translated?.message.contains(word) == false)
        }
    }

    @Test func keepsWhatItKnows() {
        let known = HubError(.tooLarge, "Too large.")
        #expect(HubError.translating(known) as? HubError == known)
        #expect(HubError.translating(CancellationError()) is CancellationError)
        #expect(HubError.translating(MetadataError.cancelled) is CancellationError)
        #expect((HubError.translating(Surprise()) as? HubError)?.kind == .internalFailure)
    }

    @Test(arguments: Denial.allCases)
    func saysTheSameOfTheMissingAndTheInvisible(denial: Denial) {
        let kind: HubError.Kind =
            switch denial {
            case .unauthenticated, .gatedUnauthenticated: .unauthenticated
            case .notVisible: .notFound
            case .insufficientRole, .insufficientScope, .insufficientKey, .gated, .disabled: .forbidden
            }
        #expect(HubError.denied(denial, "repository").kind == kind)
    }
}
