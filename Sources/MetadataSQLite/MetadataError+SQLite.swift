import GRDB
import Metadata

extension MetadataError {
    /// What an error of GRDB means to the records.
    ///
    /// An error that is one of ours already stays as it is.
    init(sqlite error: any Error) {
        switch error {
        case let error as MetadataError: self = error
        case is CancellationError: self = .cancelled
        case let error as DatabaseError: self.init(sqlite: error)
        default: self = .unavailable("\(error)")
        }
    }

    /// The meaning of SQLite's result code.
    ///
    /// The text is SQLite's own, without the statement and its values.
    init(sqlite error: DatabaseError) {
        let text = error.message ?? "result code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_CONSTRAINT: self = .conflict(text)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: self = .corrupt(text)
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_NOMEM,
            .SQLITE_NOLFS, .SQLITE_PROTOCOL:
            self = .unavailable(text)
        default: self = .failed(text)
        }
    }
}
