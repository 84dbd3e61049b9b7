package import Access
import JSON
package import Metadata

/// What spaces are given to run with, and that they do not run here.
package struct Spaces: Sendable {
    private let database: Database
    private let environment: HubEnvironment
    private let journal: Journal
    private let secrets: SealingKey
    private let catalogue: Catalogue

    /// Variables of a space, and secrets of a space.
    package static let mostValues = 100
    /// The longest name, in bytes.
    package static let nameBytes = 128
    /// The longest value, in bytes.
    package static let valueBytes = 16 << 10
    /// The longest description, in bytes.
    package static let descriptionBytes = 1 << 10

    /// Spaces among the repositories in `metadata`.
    init(
        metadata: MetadataStore,
        environment: HubEnvironment,
        settings: HubSettings,
        catalogue: Catalogue
    ) throws {
        database = Database(store: metadata)
        self.environment = environment
        journal = Journal(environment: environment)
        secrets = try SealingKey(
            master: settings.signingKey,
            purpose: "granary space-secret v1",
            environment: environment
        )
        self.catalogue = catalogue
    }

    /// A space's variables or secrets in the order of their names, for who may write in it; values of secrets are sealed.
    package func values(
        _ address: RepositoryAddress,
        _ kind: SpaceValueRecord.Kind,
        by actor: Actor
    ) async throws -> [SpaceValueRecord] {
        try await database.read { records in
            let space = try records.repository(at: address, action: .writeRepository, by: actor)
            return try records.spaceValues(repositoryID: space.id, kind)
        }
    }

    /// Gives a space a variable or a secret, or another value for one that it has.
    ///
    /// - Returns: all of that kind.
    /// - Throws: `HubError.invalid` about the name; `.tooLarge` about the rest; `.conflict` for one too many, and when there is
    ///   one of the other kind with the name.
    package func set(
        _ name: String,
        to value: String,
        description: String?,
        _ kind: SpaceValueRecord.Kind,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws -> [SpaceValueRecord] {
        try Self.check(name, value, description)
        return try await database.transaction { records in
            let space = try records.repository(at: address, action: .administerRepository, by: actor)
            let known = try records.spaceValues(repositoryID: space.id, kind)
            guard known.count < Self.mostValues || known.contains(where: { $0.name == name }) else {
                throw HubError(.conflict, "A space has at most \(Self.mostValues) \(kind.rawValue)s.")
            }
            let record = SpaceValueRecord(
                name: name,
                kind: kind,
                value: kind == .secret ? try secrets.seal(value, of: Self.label(space.id, name)) : value,
                description: description.flatMap { $0.isEmpty ? nil : $0 },
                updatedAt: environment.now()
            )
            guard try records.setSpaceValue(repositoryID: space.id, record) else {
                let other = kind == .secret ? "variable" : "secret"
                throw HubError(.conflict, "The space has a \(other) of this name already.")
            }
            try journal.record("space.\(kind.rawValue).changed", space, by: actor, ["key": name], in: records)
            return try records.spaceValues(repositoryID: space.id, kind)
        }
    }

    /// Takes a variable or a secret away.
    ///
    /// - Returns: all of that kind.
    /// - Throws: `HubError.notFound` when there is none of the name.
    package func remove(
        _ name: String,
        _ kind: SpaceValueRecord.Kind,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws -> [SpaceValueRecord] {
        try await database.transaction { records in
            let space = try records.repository(at: address, action: .administerRepository, by: actor)
            guard try records.deleteSpaceValue(repositoryID: space.id, name: name, kind) else {
                throw HubError(.notFound, "The space has no such \(kind.rawValue).")
            }
            try journal.record("space.\(kind.rawValue).removed", space, by: actor, ["key": name], in: records)
            return try records.spaceValues(repositoryID: space.id, kind)
        }
    }

    private static func check(_ name: String, _ value: String, _ description: String?) throws {
        let bytes = Array(name.utf8)
        let isName = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        let beginsWithDigit = bytes.first.map { (0x30...0x39).contains($0) } ?? true
        guard isName, !beginsWithDigit, bytes.count <= nameBytes else {
            throw HubError(
                .invalid,
                "A key has at most \(nameBytes) letters, digits and underscores, and does not begin with a digit."
            )
        }
        guard value.utf8.count <= valueBytes else {
            throw HubError(.tooLarge, "A value has at most \(valueBytes) bytes.")
        }
        guard !value.utf8.contains(0), description?.utf8.contains(0) != true else {
            throw HubError(.invalid, "A value or description cannot contain NUL.")
        }
        guard description?.utf8.count ?? 0 <= descriptionBytes else {
            throw HubError(.tooLarge, "A description has at most \(descriptionBytes) bytes.")
        }
    }

    /// What a secret is sealed as.
    private static func label(_ space: RecordID, _ name: String) -> String { "space/\(space.text)/\(name)" }
}

extension Spaces {
    /// Why a space does not run.
    package enum Stage: String, Sendable, CaseIterable {
        /// It has nothing to run.
        case noAppFile = "NO_APP_FILE"
        /// Nothing runs on this hub.
        case stopped = "STOPPED"
    }

    /// How far a space is from running, for who may see it.
    package func stage(of address: RepositoryAddress, by actor: Actor) async throws -> Stage {
        let files = catalogue.files
        let found = try await catalogue.describe(address, revision: nil, by: actor)
        guard let commit = found.files?.commit, let scene = try await files.scene(of: found.record.id) else {
            return .noAppFile
        }
        let path = FileBrowser.components(Self.appFile(found.facts?.card))
        let hasFile = try await files.look(into: scene, commit) { _, browser in
            try browser.entry(at: path).map { $0.kind != .directory } ?? false
        }
        return hasFile ? .stopped : .noAppFile
    }

    /// What a space would run.
    private static func appFile(_ card: JSONValue?) -> String {
        if let path = card?["app_file"]?.text { return path }
        return switch card?["sdk"]?.text {
        case "docker": "Dockerfile"
        case "static": "index.html"
        default: "app.py"
        }
    }

    /// Refuses to run a space, after who asks may say so.
    ///
    /// - Throws: `HubError` as `Access` decides.
    package func requireAdministration(of address: RepositoryAddress, by actor: Actor) async throws {
        try await database.read { _ = try $0.repository(at: address, action: .administerRepository, by: actor) }
    }
}
