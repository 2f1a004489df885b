/// Why there is no backup, or why one is not restored; nothing has changed then.
struct BackupError: Error, Equatable, CustomStringConvertible {
    enum Code: String {
        /// The stack does not run.
        case notRunning = "not_running"
        /// Another backup of this data folder is being made.
        case busy
        /// The events are on another cluster, whose log is not ours to copy.
        case foreignLog = "foreign_log"
        /// The folder is not one to write a backup to.
        case badFolder = "bad_folder"
        /// A service or the broker did not do its part.
        case serviceFailed = "service_failed"
        /// The copies took longer than the log may stand still.
        case heldTooLong = "held_too_long"
        /// There is no finished backup in the folder.
        case noBackup = "no_backup"
        /// The manifest is damaged.
        case manifestDamaged = "manifest_damaged"
        /// The backup was made by another version of this program.
        case otherVersion = "other_version"
        /// A file is missing.
        case fileMissing = "file_missing"
        /// A file is not as it was written.
        case fileDamaged = "file_damaged"
        /// SQLite finds something wrong with a file.
        case databaseDamaged = "database_damaged"
        /// The log has a broken batch or lacks records.
        case logDamaged = "log_damaged"
        /// The copies are not of one instant.
        case inconsistent
        /// It is older than inboxes keep what they have applied.
        case tooOld = "too_old"
        /// The stack runs on the data folder.
        case stackRunning = "stack_running"
    }

    let code: Code
    let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    var description: String { "\(code.rawValue): \(message)" }
}
