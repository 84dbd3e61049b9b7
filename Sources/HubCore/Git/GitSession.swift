import Access
package import GitCore
import Metadata

/// One conversation of one actor with one repository; access was decided when it was opened.
package struct GitSession: Sendable {
    let git: GitAccess
    let record: RepositoryRecord
    let repository: OpenRepository
    let service: GitService
    let actor: Actor
    /// For pushes only.
    let rules: PushRules?
    let requestID: String

    /// Writes what the service says first: refs, or for version 2 of `git-upload-pack` capabilities.
    ///
    /// - Parameter isStateless: whether each request is a conversation of its own, as over HTTP.
    package func advertise(
        version: GitProtocolVersion,
        isStateless: Bool = true,
        to sink: any ByteSink
    ) async throws {
        try await work.run("advertise") {
            switch service {
            case .uploadPack:
                try await uploadPack(isStateless).advertise(version, to: sink)
            case .receivePack:
                try await receivePack(isStateless)?.advertise(version, to: sink)
            }
            return nil
        }
    }

    /// Serves the client's requests.
    ///
    /// What is wrong with them is answered in git's own language and is no error here.
    package func serve(
        version: GitProtocolVersion,
        isStateless: Bool = true,
        input: ByteSource,
        to sink: any ByteSink
    ) async throws {
        switch service {
        case .uploadPack:
            try await work.run("fetch") {
                try await uploadPack(isStateless).serve(version, input: input, to: sink).map {
                    GitWork.Outcome(objects: $0.objects, bytes: $0.bytes)
                }
            }
        case .receivePack:
            guard let receivePack = try receivePack(isStateless) else { return }
            try await work.run("push") {
                try await receivePack.serve(input: input, to: sink).map {
                    GitWork.Outcome(
                        objects: $0.objects,
                        bytes: $0.packBytes,
                        refused: $0.refused,
                        unpackError: $0.unpackError
                    )
                }
            }
        }
    }

    private var work: GitWork {
        GitWork(git: git, record: record, actor: actor, requestID: requestID)
    }

    private func uploadPack(_ isStateless: Bool) async throws -> UploadPack {
        // Before the refs: these must know of everything that lies in the packs.
        let settled = try repository.files.settledPacks()
        return UploadPack(
            repository: repository.files,
            snapshot: try await git.snapshotAtHand(of: record.id, repository),
            context: git.context,
            isStateless: isStateless,
            settled: settled,
            sessionID: requestID
        )
    }

    private func receivePack(_ isStateless: Bool) throws -> ReceivePack? {
        guard let rules else { return nil }
        let target = DatabasePushTarget(git: git, id: record.id, repository: repository, actor: actor, rules: rules)
        return ReceivePack(
            repository: repository.files,
            target: target,
            context: git.context,
            isStateless: isStateless,
            quarantineName: try git.environment.newID().text,
            sessionID: requestID
        )
    }
}
