import Foundation
import GRDB

extension SessionError {
    /// What an error of the database, or of anything else, means.
    init(_ error: any Error, _ subject: String) {
        switch error {
        case let error as SessionError: self = error
        case let error as DatabaseError: self.init(error, subject)
        case let error as RecordError: self.init(.missing, subject, "this record is not stored: \(error)")
        case is RowDecodingError, is DecodingError:
            self.init(.damaged, subject, "the log holds what this version cannot read: \(error)")
        default: self.init(.inconsistent, subject, "\(error)")
        }
    }

    private init(_ error: DatabaseError, _ subject: String) {
        let text = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_FULL: self.init(.diskFull, subject, "no space is left; free some: \(text)")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.damaged, subject, "\(text); move the file away and start anew, or restore it")
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG: self.init(.inconsistent, subject, text)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.unwritable, subject, "another process keeps it locked: \(text)")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.unreadable, subject, "\(text); check that it is there and who may use it")
        case .SQLITE_IOERR, .SQLITE_READONLY:
            self.init(.unwritable, subject, "\(text); check the disk and who may write there")
        default: self.init(.unwritable, subject, text)
        }
    }

    /// What a failed system call means.
    init(errno code: Int32, _ subject: String, writing: Bool = true) {
        let text = String(cString: strerror(code))
        switch code {
        case ENOSPC, EDQUOT, EFBIG: self.init(.diskFull, subject, text)
        case ENOENT: self.init(.missing, subject, text)
        default: self.init(writing ? .unwritable : .unreadable, subject, text)
        }
    }
}
