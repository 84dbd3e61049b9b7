import Foundation
import GitCore
import NIOCore
import Testing

struct UploadPackAdvertisementTests {
    private func advertisement(_ snapshot: RefSnapshot, _ version: GitProtocolVersion) -> UploadPackAdvertisement {
        UploadPackAdvertisement(snapshot: snapshot, version: version, agent: "granary/0", isStateless: true)
    }

    private func lines(_ advertisement: UploadPackAdvertisement) -> [String] {
        var buffer = ByteBuffer()
        advertisement.write(into: &buffer)
        return spelled(buffer)
    }

    /// Capabilities differ between servers, refs must not.
    private func withoutCapabilities(_ lines: [String]) -> [String] {
        lines.map { $0.separatedAtNUL.first ?? "" }
    }

    @Test(arguments: try WireConversation.all("upload-pack-v0-") + WireConversation.all("upload-pack-v1-"))
    func listsRefsAsGitDoes(_ conversation: WireConversation) throws {
        let recorded = conversation.requests[0].prefix { !$0.isFromClient }.map(\.text)
        // Driven stateless requests have no list, and git before 2.42 sends an empty one for an empty repository.
        guard !recorded.isEmpty, recorded != ["0000"] else { return }
        let version: GitProtocolVersion = recorded[0] == "version 1" ? .v1 : .v0
        let ours = lines(advertisement(try conversation.snapshot, version))
        #expect(withoutCapabilities(ours) == withoutCapabilities(recorded))
    }

    @Test
    func firstLineCarriesCapabilities() throws {
        let conversation = try WireConversation(name: "upload-pack-v0-clone.txt")
        var advertisement = advertisement(try conversation.snapshot, .v0)
        let first = lines(advertisement)[0]
        for word in ["symref=HEAD:refs/heads/main", "no-done", "multi_ack_detailed", "filter", "agent=granary/0"] {
            #expect(first.split(separator: " ").contains { $0 == word })
        }
        advertisement.isStateless = false
        #expect(!lines(advertisement)[0].contains("no-done"))
    }

    @Test
    func emptyRepositoriesStillHaveCapabilities() throws {
        let conversation = try WireConversation(name: "upload-pack-v0-empty.txt")
        let ours = lines(advertisement(try conversation.snapshot, .v0))
        #expect(ours.count == 2)
        #expect(ours[0].hasPrefix("\(ObjectID.zero) capabilities^{}\\0multi_ack "))
        #expect(!ours[0].contains("symref"))
    }

    @Test
    func version2ListsCapabilitiesAlone() throws {
        let head = try RefName(validating: Array("refs/heads/main".utf8))
        let snapshot = RefSnapshot(refs: [], headTarget: head, generation: 1, everyObjectReachable: true)
        var advertisement = advertisement(snapshot, .v2)
        advertisement.features.sessionID = "abc"
        #expect(
            lines(advertisement) == [
                "version 2", "agent=granary/0", "ls-refs=unborn",
                "fetch=shallow wait-for-done filter ref-in-want sideband-all",
                "server-option", "object-format=sha1", "object-info", "session-id=abc", "0000",
            ]
        )
    }
}

struct ReceivePackAdvertisementTests {
    @Test(arguments: try WireConversation.all("receive-pack-"))
    func listsRefsAsGitDoes(_ conversation: WireConversation) throws {
        let recorded = conversation.requests[0].prefix { !$0.isFromClient }.map(\.text)
        var buffer = ByteBuffer()
        ReceivePackAdvertisement(snapshot: try conversation.snapshot, version: .v2, agent: "granary/0").write(
            into: &buffer
        )
        let ours = spelled(buffer)
        #expect(ours.map { $0.separatedAtNUL[0] } == recorded.map { $0.separatedAtNUL[0] })
        #expect(ours[0].hasSuffix("atomic ofs-delta push-options object-format=sha1 agent=granary/0"))
    }
}

extension String {
    /// The parts between NULs, spelled as in the recordings.
    fileprivate var separatedAtNUL: [String] {
        guard let range = self.range(of: "\\0") else { return [self] }
        return [String(self[..<range.lowerBound]), String(self[range.upperBound...])]
    }
}
