/// What can go wrong between a use case and the database.
package enum MetadataError: Error, Equatable {
    /// A row of that key exists already, or a row that is referred to does not; carries the violated constraint.
    case conflict(String)
    /// The row that was to be changed does not exist.
    case notFound
    /// The database holds something that this program never writes; carries what was found where.
    case corrupt(String)
    /// Another writer held the database longer than the time-out.
    case busy
    /// The disk is full, a read or write failed, or the database cannot be reached; carries the driver's words.
    case unavailable(String)
    /// The database was made by a newer Granary.
    case schemaTooNew(found: Int64, known: Int64)
    /// The task that asked was cancelled while its statement ran. Drivers throw `CancellationError` in its place.
    case cancelled
    /// The driver refused a statement: a mistake in this program; carries the driver's words.
    case failed(String)
}

extension MetadataError: CustomStringConvertible {
    /// A sentence for the log or the operator; it may name tables, columns and files, so it is not for clients.
    package var description: String {
        switch self {
        case .conflict(let constraint): "the database refused a conflicting row: \(constraint)"
        case .notFound: "the database has no such row"
        case .corrupt(let finding): "the database holds an unexpected value: \(finding)"
        case .busy: "the database was locked by another writer for too long"
        case .unavailable(let reason): "the database is unavailable: \(reason)"
        case .schemaTooNew(let found, let known):
            "the database has schema version \(found), this program knows versions up to \(known): use a newer granary"
        case .cancelled: "the request was cancelled"
        case .failed(let reason): "the database refused a statement: \(reason)"
        }
    }
}
