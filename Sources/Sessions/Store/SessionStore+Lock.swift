import Foundation

extension SessionStore {
    /// Keeps other daemons from using the folder until the lock is released, or this process ends in whichever way.
    ///
    /// - Throws: `unwritable` if another one uses it; the folder is made if need be.
    public func lock() throws(SessionError) -> StoreLock {
        try Self.make(folder)
        let path = folder.appendingPathComponent("lock").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SessionError(errno: errno, path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw SessionError(errno: code, path) }
            throw SessionError(.unwritable, folder.path, "another daemon uses this folder; stop it, or use another one")
        }
        return StoreLock(descriptor: descriptor)
    }
}

/// The right to write into a store.
public final class StoreLock: Sendable {
    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Lets others use the folder.
    public func release() { flock(descriptor, LOCK_UN) }
}
