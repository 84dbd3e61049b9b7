import LFS
import ObjectStore
import OpenSSLKit
import Testing

struct SignedActionTests {
    private static let verbs: [ActionTicket.Verb] =
        [
            .download, .upload, .verify, .part(upload: "u+/=&1", number: 7, size: 3), .complete(upload: "u1"),
        ] + ["0", "1"].compactMap { StagingID(String(repeating: $0, count: 32)).map { .verifyDirect($0) } }

    private func ticket(
        _ verb: ActionTicket.Verb = .upload,
        repository: String = "r1",
        hex: String = abcHex,
        size: Int64 = 3,
        actor: String = "user:1",
        key: String = "k1",
        expires: Int64 = 1_000
    ) throws -> ActionTicket {
        try #require(
            ActionTicket(
                verb,
                repository: repository,
                object: try object(hex, size),
                actor: actor,
                keyID: key,
                expiresAt: expires
            )
        )
    }

    private func sign(_ bytes: [UInt8]) throws -> [UInt8] { try SHA256.digest(Array("secret".utf8) + bytes) }

    private func items(_ query: String) -> [(name: String, value: String)] {
        query.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]).removingPercentEncodingForTest)
        }
    }

    @Test(arguments: verbs)
    func comesBackFromItsQuery(verb: ActionTicket.Verb) throws {
        let signed = try SignedAction(try ticket(verb), signedBy: sign)
        let read = try #require(SignedAction(items: items(signed.query), oid: signed.ticket.oid))
        #expect(read == signed)
        #expect(try sign(read.ticket.canonicalBytes) == read.signature)
    }

    @Test func queryNeedsNoFurtherEncoding() throws {
        let query = try SignedAction(try ticket(.complete(upload: "a+/=&?#%b")), signedBy: sign).query
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%&=")
        #expect(query.allSatisfy(allowed.contains))
    }

    @Test func everyFieldIsSigned() throws {
        var tickets = try Self.verbs.map { try ticket($0) }
        tickets += [
            try ticket(repository: "r2"), try ticket(hex: emptyHex), try ticket(size: 4), try ticket(actor: "user:2"),
            try ticket(key: "k2"), try ticket(expires: 1_001), try ticket(.part(upload: "u+/=&1", number: 8, size: 3)),
            try ticket(.part(upload: "u+/=&1", number: 7, size: 2)),
            try ticket(.part(upload: "u2", number: 7, size: 3)),
            try ticket(.complete(upload: "u2")),
            // Where one field ends and the next begins is signed as well.
            try ticket(repository: "r16:actor"), try ticket(actor: "user:13:key"),
        ]
        #expect(Set(tickets.map(\.canonicalBytes)).count == tickets.count)
    }

    @Test func canonicalBytesStayWhatTheyAre() throws {
        let text =
            "21:granary lfs action v1\n64:\(abcHex)\n4:verb\n6:upload\n10:repository\n2:r1\n4:size\n1:3\n"
            + "5:actor\n6:user:1\n3:key\n2:k1\n7:expires\n4:1000\n"
        #expect(String(decoding: try ticket().canonicalBytes, as: UTF8.self) == text)
    }

    @Test(arguments: verbs)
    func refusesEveryOtherQuery(verb: ActionTicket.Verb) throws {
        let signed = try SignedAction(try ticket(verb), signedBy: sign)
        let good = items(signed.query)
        func read(_ items: [(name: String, value: String)]) -> SignedAction? {
            SignedAction(items: items, oid: signed.ticket.oid)
        }
        for index in good.indices {
            var missing = good
            missing.remove(at: index)
            #expect(read(missing) == nil)
            #expect(read(missing + [(good[index].name, "")]) == nil)
            #expect(read(good + [good[index]]) == nil)
            #expect(read(missing + [(good[index].name.uppercased(), good[index].value)]) == nil)
        }
        #expect(read(good + [("utm", "1")]) == nil)
        if verb.upload == nil { #expect(read(good + [("upload", "u1")]) == nil) }
        #expect(read(good + [("staging", String(repeating: "0", count: 32))]) == nil)
        #expect(read([]) == nil)
    }

    @Test(arguments: ["03", "+3", "-3", " 3", "3 ", "3.0", "9223372036854775808", "0x3", "٣", "three"])
    func numbersHaveOneSpelling(number: String) throws {
        let signed = try SignedAction(try ticket(), signedBy: sign)
        for name in ["size", "expires"] {
            let altered = items(signed.query).map { $0.name == name ? ($0.name, number) : $0 }
            #expect(SignedAction(items: altered, oid: signed.ticket.oid) == nil)
        }
    }

    @Test(arguments: ["", "A", "AB==", "A+B/", "AAA\n", String(repeating: "A", count: 100)])
    func refusesWhatIsNoSignature(code: String) throws {
        let signed = try SignedAction(try ticket(), signedBy: sign)
        let altered = items(signed.query).map { $0.name == "signature" ? ($0.name, code) : $0 }
        #expect(SignedAction(items: altered, oid: signed.ticket.oid) == nil)
    }

    @Test func anotherOidInThePathBreaksTheSignature() throws {
        let signed = try SignedAction(try ticket(), signedBy: sign)
        let read = try #require(SignedAction(items: items(signed.query), oid: try object(emptyHex).oid))
        #expect(try sign(read.ticket.canonicalBytes) != read.signature)
    }

    @Test(arguments: [("", "a", "k"), ("r r", "a", "k"), ("r", "", "k"), ("r", "a\n", "k"), ("r", "a", "ключ")])
    func refusesTextsThatCannotBe(repository: String, actor: String, key: String) throws {
        let object = try object()
        #expect(
            ActionTicket(.upload, repository: repository, object: object, actor: actor, keyID: key, expiresAt: 0) == nil
        )
    }

    @Test func refusesPartsThatCannotBe() throws {
        let object = try object()
        for (number, size) in [(0, 1), (-1, 1), (10_001, 1), (1, -1), (1, 4)] as [(Int, Int64)] {
            let verb = ActionTicket.Verb.part(upload: "u", number: number, size: size)
            #expect(ActionTicket(verb, repository: "r", object: object, actor: "a", keyID: "k", expiresAt: 0) == nil)
        }
    }

    @Test func endsAtItsSecond() throws {
        #expect(try !ticket().isExpired(at: 999))
        #expect(try ticket().isExpired(at: 1_000))
    }
}

extension String {
    /// A decoder of its own, so that the test does not trust the encoder.
    fileprivate var removingPercentEncodingForTest: String {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
