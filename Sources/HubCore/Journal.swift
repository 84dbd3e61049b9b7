import Access
import GitCore
import Metadata

/// Writes down what happened, in the transaction that makes it happen: the audit log, and events for jobs and webhooks.
struct Journal: Sendable {
    let environment: HubEnvironment

    /// Adds a line to the audit log.
    ///
    /// - Parameters:
    ///   - action: such as "repository.created".
    ///   - subject: what it was done to, in words.
    ///   - details: particulars; never credentials. The token or key that the actor used is added.
    func audit(
        _ action: String,
        _ subject: some CustomStringConvertible,
        by actor: Actor,
        _ details: KeyValuePairs<String, String> = [:],
        in records: Records
    ) throws {
        try audit(action, subject, by: actor, fields: details.map { ($0.key, $0.value) }, in: records)
    }

    private func audit(
        _ action: String,
        _ subject: some CustomStringConvertible,
        by actor: Actor,
        fields: [(String, String)],
        in records: Records
    ) throws {
        var fields = fields
        switch actor {
        case .user(let user): if let tokenID = user.tokenID { fields.append(("tokenID", tokenID.text)) }
        case .key(let key): fields.append(("keyID", key.id.text))
        case .anonymous, .operator: break
        }
        try records.insertAudit(
            AuditRecord(
                id: try environment.newID(),
                actor: actor.auditName,
                actorID: actor.userID,
                action: action,
                subject: subject.description,
                details: jsonObject(fields),
                createdAt: environment.now()
            )
        )
    }

    /// Adds a line to the audit log and an event of the same name about a repository.
    ///
    /// - Parameter former: where the repository was, when it was moved.
    func record(
        _ action: String,
        _ repository: RepositoryRecord,
        from former: RepositoryAddress? = nil,
        by actor: Actor,
        _ details: KeyValuePairs<String, String> = [:],
        in records: Records
    ) throws {
        var details = details.map { ($0.key, $0.value) }
        if let former { details.append(("from", former.description)) }
        try audit(action, repository.address, by: actor, fields: details, in: records)
        let fields = [("address", repository.address.description)] + details
        let event = EventRecord(
            id: try environment.newID(),
            kind: action,
            repositoryID: repository.id,
            actor: actor.auditName,
            payload: jsonObject(fields),
            createdAt: environment.now()
        )
        try records.insertEvent(event)
        try announce(event, repository, from: former, in: records)
    }
}

extension Journal {
    /// Has what a repository's files say read again, after its default branch has changed.
    func followCard(of repository: RepositoryRecord, in records: Records) throws {
        try records.enqueueCard(repositoryID: repository.id, id: try environment.newID(), at: environment.now())
    }

    /// Adds the audit line and the event of a push: which refs changed from what to what.
    ///
    /// The event names at most 1,000 refs; the count is always right. Where the default branch changed, what the files say
    /// is read again.
    func recordPush(
        _ updates: [RefUpdate],
        _ options: [String],
        _ repository: RepositoryRecord,
        by actor: Actor,
        in records: Records
    ) throws {
        try audit("repository.pushed", repository.address, by: actor, ["refs": "\(updates.count)"], in: records)
        let refs = updates.prefix(1_000).map { update in
            jsonObject([
                ("ref", update.name.string), ("old", update.old.hex), ("new", update.new.hex),
                ("forced", update.isForced ? "true" : "false"),
            ])
        }
        let payload =
            "{\"address\":\(jsonString(repository.address.description)),\"count\":\(updates.count),"
            + "\"options\":[\(options.map(jsonString).joined(separator: ","))],"
            + "\"refs\":[\(refs.joined(separator: ","))]}"
        let event = EventRecord(
            id: try environment.newID(),
            kind: "repository.pushed",
            repositoryID: repository.id,
            actor: actor.auditName,
            payload: payload,
            createdAt: environment.now()
        )
        try records.insertEvent(event)
        try announce(event, repository, in: records)
        if updates.contains(where: { $0.name.string == repository.headTarget }) {
            try followCard(of: repository, in: records)
        }
    }
}

/// A JSON object of strings, in the order given.
///
/// - Source: RFC 8259 section 7.
private func jsonObject(_ fields: [(String, String)]) -> String {
    "{" + fields.map { "\(jsonString($0.0)):\(jsonString($0.1))" }.joined(separator: ",") + "}"
}

/// A JSON string, quotes included.
func jsonString(_ text: String) -> String {
    var escaped = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": escaped += "\\\""
        case "\\": escaped += "\\\\"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped + "\""
}
