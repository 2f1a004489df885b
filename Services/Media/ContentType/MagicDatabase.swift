import CMagic
import System

/// libmagic's compiled database. One thread at a time.
@safe final class MagicDatabase: Sendable {
    // Sendable by its owner's lock: the cookie never changes.
    private nonisolated(unsafe) let cookie: magic_t

    /// Loads the machine's database: a few milliseconds.
    init() throws {
        let flags = MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR
        guard let cookie = unsafe magic_open(flags) else { throw SystemError(operation: "magic_open", code: 12) }
        guard unsafe magic_load(cookie, nil) == 0 else {
            unsafe magic_close(cookie)
            throw SystemError(operation: "magic_load", code: 2)
        }
        unsafe self.cookie = cookie
    }

    deinit { unsafe magic_close(cookie) }

    /// The MIME type of content that begins so; nil when libmagic fails.
    func type(of head: [UInt8]) -> String? {
        unsafe head.withUnsafeBytes { bytes in
            unsafe magic_buffer(cookie, bytes.baseAddress, bytes.count).map { unsafe String(cString: $0) }
        }
    }
}
