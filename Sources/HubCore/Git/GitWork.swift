import Access
import GitCore
import Logging
import Metadata
import Metrics

/// Work for one client's conversation about git: runs on the threads for git, counted and written down.
struct GitWork: Sendable {
    let git: GitAccess
    let record: RepositoryRecord
    let actor: Actor
    let requestID: String

    /// What is logged of a conversation.
    struct Outcome {
        var objects = 0
        var bytes: Int64 = 0
        var refused = 0
        var unpackError: String?
    }

    /// Runs on the threads for git, and writes down what came of it.
    func run(_ operation: String, _ body: @Sendable () async throws -> Outcome?) async throws {
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

    /// The same for work that the hub does itself, whose refusals are errors.
    func call(_ operation: String, _ body: () async throws -> PushSummary) async throws -> PushSummary {
        let start = monotonicNanoseconds()
        var result = "ok"
        var outcome = Outcome()
        var detail: String?
        defer { note(operation, result, outcome, detail, since: start) }
        do {
            let summary = try await withTaskExecutorPreference(git.executor) { try await body() }
            outcome = Outcome(objects: summary.objects, bytes: summary.packBytes)
            return summary
        } catch {
            let told = HubError.translating(error)
            detail = "\(error)"
            result = told is CancellationError || error is any ClientFault ? "aborted" : "refused"
            if let error = told as? HubError, error.kind == .internalFailure { result = "failed" }
            throw error is any ClientFault ? error : told
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
            "bytes": "\(outcome.bytes)", "ms": "\(nanoseconds / 1_000_000)",
        ]
        if let detail { metadata["detail"] = "\(detail)" }
        let level: Logger.Level = result == "failed" ? .error : operation == "advertise" ? .debug : .info
        git.logger.log(level: level, "git", metadata: metadata)
    }
}
