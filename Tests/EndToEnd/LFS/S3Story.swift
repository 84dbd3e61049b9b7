import Foundation
import GranaryTesting
import Testing

/// The two ways that bytes of an S3 store take.
enum S3Way: String, CaseIterable, Sendable {
    case direct, proxy
}

extension Story {
    /// A server whose large files are in an S3 store, with one repository of alice.
    static func onS3(
        _ way: S3Way = .direct,
        _ arguments: [String] = [],
        store: S3TestServer? = .shared,
        environment: [String: String] = [:]
    ) async throws -> Story {
        let store = try #require(store)
        let variables = store.environment(["GRANARY_S3_MODE": way.rawValue]).merging(environment) { $1 }
        let server = try await GranaryServer.start(arguments, environment: variables)
        let alice = try await server.addPerson("alice")
        let repository = try await server.addRepository("model", "alice", "alone")
        return Story(server: server, owner: alice, repository: repository)
    }

    /// The same server with another repository of the owner or of somebody else.
    func elsewhere(_ name: String, as person: Person? = nil) async throws -> Story {
        let person = person ?? owner
        let repository = try await server.addRepository("model", person.name, name)
        return Story(server: server, owner: person, repository: repository)
    }
}

/// What a batch says about sending one object.
struct UploadOffer: Sendable {
    let sample: ObjectSample
    let upload: BatchReply.Link
    let verify: BatchReply.Link
    private let lfs: LFSAPI

    /// Asks for it.
    init(_ story: Story, _ sample: ObjectSample) async throws {
        self.sample = sample
        lfs = story.lfs
        let object = try #require(try await lfs.batch("upload", [sample]).objects.first)
        upload = try #require(object.actions?["upload"], "\(object)")
        verify = try #require(object.actions?["verify"], "\(object)")
    }

    /// Sends bytes as git-lfs does: with the fields of the action and no login.
    func send(_ bytes: [UInt8], leavingOut left: String? = nil) async throws -> HTTPAnswer {
        let fields = (upload.header ?? [:]).filter { name, _ in
            // curl says the length itself.
            name.lowercased() != "content-length" && name.lowercased() != left
        }
        return try await Curl(base: "")("PUT", upload.href, headers: fields.map { "\($0): \($1)" }, body: bytes)
    }

    /// Asks whether it has arrived.
    func ask(oid: String? = nil, size: Int64? = nil) async throws -> HTTPAnswer {
        let body = #"{"oid":"\#(oid ?? sample.oid)","size":\#(size ?? sample.size)}"#
        return try await lfs.follow("POST", verify.href, body: Array(body.utf8))
    }

    /// Sends the object and asks.
    ///
    /// - Returns: true when the server says that it has it.
    func complete() async throws -> Bool {
        guard try await send(sample.array()).status == 200 else { return false }
        return try await ask().status == 200
    }
}

/// Downloads an object of a repository; nil when the batch gives no link.
func download(_ sample: ObjectSample, from story: Story) async throws -> HTTPAnswer? {
    let object = try #require(try await story.lfs.batch("download", [sample]).objects.first)
    guard let link = object.actions?["download"] else { return nil }
    return try await Curl(base: "")("GET", link.href)
}
