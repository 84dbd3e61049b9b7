package import Access
package import LFS
import Metadata
import ObjectStore

/// A signed action whose signature, time and right were checked: what a request with a ticket may do.
package struct AdmittedAction: Sendable {
    /// What the ticket says.
    package let ticket: ActionTicket
    /// The object.
    package let object: LFSObject
    /// Who was given the ticket, with what is left of the right.
    package let actor: Actor
    let repository: RepositoryRecord
}

extension LFSAccess {
    /// The purpose of the key that signs tickets, and its name in them; a change of the first needs another second.
    private static let purpose = "granary lfs action v1"
    private static let keyID = "1"

    /// The most seconds for which a ticket may be good.
    static let longestAction = 86_400

    /// For how many seconds an action for an object is good: long enough to begin even after others that are as large.
    func lifetime(_ size: Int64) -> Int {
        let atOneMebibytePerSecond = Int(clamping: size >> 20)
        return min(max(settings.lfsActionSeconds, atOneMebibytePerSecond), Self.longestAction)
    }

    /// For how many seconds one may ask whether an object has arrived that the client sends to the store itself: as long
    /// as a slow client may take to send it.
    ///
    /// The hub does not see the bytes come, and a client that may not ask in the end has sent them in vain.
    func directLifetime(_ size: Int64) -> Int {
        let atSixteenKibibytesPerSecond = Int(clamping: size >> 14)
        return min(lifetime(size) + 900 + atSixteenKibibytesPerSecond, Self.longestAction)
    }

    /// Signs a ticket.
    ///
    /// - Throws: `HubError.internalFailure` without a key.
    func sign(
        _ verb: ActionTicket.Verb,
        _ object: LFSObject,
        in repository: RepositoryRecord,
        for actor: Actor,
        with key: SigningKey,
        expiresAt: Int64
    ) throws -> SignedAction {
        let ticket = ActionTicket(
            verb,
            repository: repository.id.text,
            object: object,
            actor: TicketActor(actor).text,
            keyID: Self.keyID,
            expiresAt: expiresAt
        )
        guard let ticket else {
            throw HubError(.internalFailure, "The hub could not make a link.", diagnostics: "a ticket was refused")
        }
        return try SignedAction(ticket) { try key.sign($0) }
    }

    /// The key that signs tickets.
    func ticketKey() throws -> SigningKey {
        do {
            return try SigningKey(master: settings.signingKey, purpose: Self.purpose)
        } catch {
            throw HubError.translating(error)
        }
    }

    /// Checks a ticket at the start of the request that shows it: signature, time, and whether its holder still has
    /// the right.
    ///
    /// - Throws: `LFSFailure` 403 for each of these, never 401: clients repeat a request without end that is answered
    ///   so.
    package func admit(_ signed: SignedAction) async throws -> AdmittedAction {
        let ticket = signed.ticket
        guard ticket.keyID == Self.keyID,
            try ticketKey().isValid(signed.signature, for: ticket.canonicalBytes),
            let object = ticket.object, let id = RecordID(ticket.repository), let holder = TicketActor(ticket.actor)
        else { throw LFSFailure(status: 403, "This link is not valid. Run the command again.") }
        let now = environment.now()
        guard !ticket.isExpired(at: now.seconds) else {
            throw LFSFailure(status: 403, "This link has expired. Run the command again.")
        }
        let (actor, repository) = try await database.read { records in
            guard let repository = try records.repository(id: id),
                let actor = try holder.actor(in: repository, at: now, records)
            else { throw Self.revoked }
            do {
                try records.authorize(actor, ticket.verb.action, repository)
            } catch is HubError {
                throw Self.revoked
            }
            return (actor, repository)
        }
        return AdmittedAction(ticket: ticket, object: object, actor: actor, repository: repository)
    }

    private static let revoked = LFSFailure(
        status: 403,
        "The right to use this link was taken away. Log in again and run the command again."
    )
}

extension ActionTicket.Verb {
    /// What it asks of `Access`.
    fileprivate var action: Action {
        switch self {
        case .download: .readContent
        case .upload, .verify, .verifyDirect, .part, .complete: .writeRepository
        }
    }
}
