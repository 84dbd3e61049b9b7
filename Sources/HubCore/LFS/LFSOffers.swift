import Access
import LFS
import Metadata
import ObjectStore

/// The actions of one batch: signed links to our own routes, or the store's own URLs.
struct LFSOffers {
    private let lfs: LFSAccess
    private let repository: RepositoryRecord
    private let actor: Actor
    private let links: LFSLinks
    private let now: Timestamp
    private let key: SigningKey

    init(
        lfs: LFSAccess,
        repository: RepositoryRecord,
        actor: Actor,
        links: LFSLinks,
        now: Timestamp
    ) throws {
        self.lfs = lfs
        self.repository = repository
        self.actor = actor
        self.links = links
        self.now = now
        key = try lfs.ticketKey()
    }

    /// The answers to a batch of downloads.
    func downloads(
        _ entries: [BatchRequest.Entry],
        _ rows: [String: LFSObjectRecord]
    ) async throws -> [BatchAnswer.Entry] {
        var answers: [BatchAnswer.Entry] = []
        for entry in entries {
            switch entry {
            case .invalid(let answer): answers.append(answer)
            case .object(let object):
                let presence = LFSAccess.presence(of: object, in: rows, forDownload: true)
                answers.append(BatchAnswer.Entry(object, try await download(object, presence)))
            }
        }
        return answers
    }

    private func download(_ object: LFSObject, _ presence: LFSAccess.Presence) async throws -> BatchAnswer.Outcome {
        switch presence {
        case .absent: return Self.outcome(LFSAccess.missing)
        case .removed: return Self.outcome(LFSAccess.removed)
        case .otherSize(let size): return Self.otherSize(size)
        case .present:
            let seconds = lfs.lifetime(object.size)
            let direct = try await lfs.withStore {
                try await lfs.store.directDownload(object.oid, expiresIn: seconds, fileName: nil)
            }
            return .download(try direct.map(action) ?? action(.download, object))
        }
    }

    /// The answers to a batch of uploads.
    ///
    /// - Parameter inParts: what the client has agreed to send in parts.
    func uploads(
        _ entries: [BatchRequest.Entry],
        _ rows: [String: LFSObjectRecord],
        _ refusals: [ObjectKey: String],
        inParts: Set<LFSObject>
    ) async throws -> [BatchAnswer.Entry] {
        var answers: [BatchAnswer.Entry] = []
        // An object that is listed twice is begun once.
        var known: [LFSObject: BatchAnswer.Outcome] = [:]
        for entry in entries {
            switch entry {
            case .invalid(let answer): answers.append(answer)
            case .object(let object):
                if let outcome = known[object] {
                    answers.append(BatchAnswer.Entry(object, outcome))
                    continue
                }
                let outcome: BatchAnswer.Outcome
                switch LFSAccess.presence(of: object, in: rows) {
                case .present: outcome = .present
                case .otherSize(let size): outcome = Self.otherSize(size)
                case .absent, .removed:
                    if let reason = refusals[object.oid] {
                        outcome = .error(code: 507, reason)
                    } else {
                        outcome = try await fitting(object, inParts: inParts.contains(object))
                    }
                }
                known[object] = outcome
                answers.append(BatchAnswer.Entry(object, outcome))
            }
        }
        return answers
    }

    /// The answers to a batch of uploads by chunks: each leads to the token, and room is made when files are registered.
    func chunkedUploads(
        _ entries: [BatchRequest.Entry],
        _ rows: [String: LFSObjectRecord],
        _ xet: (tokenURL: String, storage: String)
    ) async throws -> [BatchAnswer.Entry] {
        let pass = try XetAccess.Pass(.write, repository, for: actor, at: now, lfs.settings)
        let upload = LFSAction(
            href: xet.tokenURL,
            header: [
                .init("X-Xet-Cas-Url", "\(xet.storage)/\(pass.scope)"), .init("X-Xet-Access-Token", pass.token),
                .init("X-Xet-Token-Expiration", String(pass.expiresAt)),
            ],
            expiresIn: Int(XetToken.seconds),
            expiresAt: pass.expiresAt
        )
        return entries.map { entry in
            switch entry {
            case .invalid(let answer): return answer
            case .object(let object):
                switch LFSAccess.presence(of: object, in: rows) {
                case .present: return BatchAnswer.Entry(object, .present)
                case .otherSize(let size): return BatchAnswer.Entry(object, Self.otherSize(size))
                case .absent, .removed: return BatchAnswer.Entry(object, .upload(upload, verify: nil))
                }
            }
        }
    }

    /// An upload, unless somebody else has taken the last room just now.
    private func fitting(_ object: LFSObject, inParts: Bool) async throws -> BatchAnswer.Outcome {
        do {
            return try await upload(object, inParts: inParts)
        } catch let failure as LFSFailure where failure.status == 507 {
            return Self.outcome(failure)
        }
    }

    private func upload(_ object: LFSObject, inParts: Bool) async throws -> BatchAnswer.Outcome {
        if inParts, let plan = MultipartPlan.usual(size: object.size) {
            return .upload(try await parts(of: object, plan), verify: try action(.verify, object))
        }
        if let (upload, verify) = try await directUpload(object) { return .upload(upload, verify: verify) }
        return .upload(try action(.upload, object), verify: try action(.verify, object))
    }

    /// A request to the store itself, and the question about it; nil when the store takes none.
    ///
    /// The object counts only after the question was asked: it makes the store's bytes the repository's.
    private func directUpload(_ object: LFSObject) async throws -> (LFSAction, LFSAction)? {
        guard links.clientSendsFields,
            let staging = StagingID(bytes: try lfs.environment.randomBytes(StagingID.byteCount))
        else { return nil }
        let seconds = lfs.lifetime(object.size)
        let direct = try await lfs.withStore {
            try await lfs.store.directUpload(object.oid, size: object.size, staging: staging, expiresIn: seconds)
        }
        guard let direct else { return nil }
        let verify = try action(.verifyDirect(staging), object, seconds: lfs.directLifetime(object.size))
        return (action(direct), verify)
    }

    /// Begins an upload in parts: one URL for each, ours or the store's.
    private func parts(of object: LFSObject, _ plan: MultipartPlan) async throws -> LFSAction {
        let upload = try await lfs.beginParts(object, plan, in: repository, by: actor, at: now)
        let seconds = lfs.lifetime(object.size)
        let expiry = now.adding(seconds: Int64(seconds)).seconds
        var urls: [String] = []
        for number in 1...plan.partCount {
            let direct = try await lfs.withStore {
                try await lfs.store.directPart(
                    upload.storeUpload,
                    key: object.oid,
                    part: number,
                    expiresIn: seconds
                )
            }
            let size = plan.range(ofPart: number).map { Int64($0.count) } ?? 0
            let verb = ActionTicket.Verb.part(upload: upload.id.text, number: number, size: size)
            urls.append(try direct?.url ?? links.url(of: signed(verb, object, expiry)))
        }
        let completion = links.url(of: try signed(.complete(upload: upload.id.text), object, expiry))
        guard let action = plan.action(completion: completion, parts: urls, expiresIn: seconds, expiresAt: expiry)
        else { throw HubError(.internalFailure, "The hub could not plan this upload.") }
        return action
    }

    private func action(
        _ verb: ActionTicket.Verb,
        _ object: LFSObject,
        seconds: Int? = nil
    ) throws -> LFSAction {
        let seconds = seconds ?? lfs.lifetime(object.size)
        let expiry = now.adding(seconds: Int64(seconds)).seconds
        let url = links.url(of: try signed(verb, object, expiry))
        return LFSAction(href: url, expiresIn: seconds, expiresAt: expiry)
    }

    private func action(_ direct: DirectRequest) -> LFSAction {
        LFSAction(
            href: direct.url,
            header: direct.headers.map { LFSAction.Field($0.name, $0.value) },
            expiresIn: direct.expiresIn,
            expiresAt: now.adding(seconds: Int64(direct.expiresIn)).seconds
        )
    }

    private func signed(_ verb: ActionTicket.Verb, _ object: LFSObject, _ expiry: Int64) throws -> SignedAction {
        try lfs.sign(verb, object, in: repository, for: actor, with: key, expiresAt: expiry)
    }

    private static func outcome(_ failure: LFSFailure) -> BatchAnswer.Outcome {
        .error(code: failure.status, failure.message)
    }

    private static func otherSize(_ size: Int64) -> BatchAnswer.Outcome {
        .error(code: 422, "The object has \(size) bytes in this repository. The pointer is wrong.")
    }
}
