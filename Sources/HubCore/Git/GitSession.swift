import Access
package import GitCore
import Logging
import Metadata
import Metrics

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
        try await work("advertise") {
            switch service {
            case .uploadPack:
                try await uploadPack(isStateless).advertise(version, to: sink)
            case .receivePack:
                try await receivePack()?.advertise(version, to: sink)
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
            try await work("fetch") {
                try await uploadPack(isStateless).serve(version, input: input, to: sink).map {
                    Outcome(objects: $0.objects, bytes: $0.bytes)
                }
            }
        case .receivePack:
            guard let receivePack = try receivePack() else { return }
            try await work("push") {
                try await receivePack.serve(input: input, to: sink).map {
                    Outcome(objects: $0.objects, bytes: $0.packBytes, refused: $0.refused, unpackError: $0.unpackError)
                }
            }
        }
    }

    /// What is logged of a conversation.
    private struct Outcome {
        var objects = 0
        var bytes: Int64 = 0
        var refused = 0
        var unpackError: String?
    }

    private func uploadPack(_ isStateless: Bool) async throws -> UploadPack {
        UploadPack(
            repository: repository.files,
            snapshot: try await git.snapshot(of: record.id, repository),
            context: git.context,
            isStateless: isStateless,
            sessionID: requestID
        )
    }

    private func receivePack() throws -> ReceivePack? {
        guard let rules else { return nil }
        let target = DatabasePushTarget(git: git, id: record.id, repository: repository, actor: actor, rules: rules)
        return ReceivePack(
            repository: repository.files,
            target: target,
            context: git.context,
            quarantineName: try git.environment.newID().text,
            sessionID: requestID
        )
    }

    /// Runs on the threads for git, and writes down what came of it.
    private func work(_ operation: String, _ body: @Sendable () async throws -> Outcome?) async throws {
        let start = monotonicNanoseconds()
        var result = "ok"
        var outcome = Outcome()
        var detail: String?
        defer { note(operation, result, outcome, detail, since: start) }
        do {
            outcome = try await withTaskExecutorPreference(git.executor) { try await body() } ?? Outcome()
            detail = outcome.unpackError
            if outcome.refused > 0 || detail != nil { result = "refused" }
        } catch ConversationError.refused(let message) {
            result = "refused"
            detail = message
        } catch is CancellationError {
            result = "aborted"
            throw CancellationError()
        } catch let fault as any ClientFault {
            result = "aborted"
            detail = "\(fault)"
            throw fault
        } catch {
            result = "failed"
            detail = "\(error)"
            throw HubError.translating(error)
        }
    }

    private func note(_ operation: String, _ result: String, _ outcome: Outcome, _ detail: String?, since start: Int64)
    {
        let nanoseconds = monotonicNanoseconds() - start
        Counter(label: "granary_git_operations_total", dimensions: [("operation", operation), ("outcome", result)])
            .increment()
        Metrics.Timer(label: "granary_git_operation_seconds", dimensions: [("operation", operation)])
            .recordNanoseconds(nanoseconds)
        if outcome.bytes > 0 {
            Recorder(label: "granary_git_pack_bytes", dimensions: [("operation", operation)], aggregate: true)
                .record(outcome.bytes)
        }
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)", "operation": "\(operation)", "outcome": "\(result)",
            "repository": "\(record.address)", "actor": "\(actor.auditName)", "objects": "\(outcome.objects)",
            "ms": "\(nanoseconds / 1_000_000)",
        ]
        if let detail { metadata["detail"] = "\(detail)" }
        let level: Logger.Level = result == "failed" ? .error : operation == "advertise" ? .debug : .info
        git.logger.log(level: level, "git", metadata: metadata)
    }
}
