import Glibc

/// The exclusive right to a data folder, held for as long as this object lives; the kernel gives it back when the
/// process ends, however it ends. A child process does not inherit it.
public final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock on the file, which is created when missing. Fails at once with `EWOULDBLOCK` when another process
    /// (or another `FileLock` of this one) holds it.
    public init(_ path: String) throws {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = SystemError.last("flock", path)
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// Unlocks before it closes: a child process that is being started holds a copy of the descriptor until it runs its
    /// program, and a lock goes with the last copy.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

extension SystemError {
    /// Whether the call failed because someone else holds the lock.
    public var isLockHeld: Bool { code == EWOULDBLOCK }
}
