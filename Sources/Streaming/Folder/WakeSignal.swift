import CLinux
import Foundation

/// Wakes a thread that waits in `poll(2)`, once and for all.
final class WakeSignal: Sendable {
    let descriptor: Int32

    /// Throws ``StreamingError`` with `system` where the process has no descriptors left.
    init() throws(StreamingError) {
        descriptor = eventfd(0, Int32(O_CLOEXEC | O_NONBLOCK))
        guard descriptor >= 0 else {
            throw StreamingError(.system, "eventfd", String(cString: strerror(errno)))
        }
    }

    deinit { close(descriptor) }

    /// Wakes it; it stays awake.
    func signal() { eventfd_write(descriptor, 1) }

    /// Whether it was woken.
    var isSignalled: Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) > 0
    }

    /// Waits for input of another descriptor, if there is one; returns whether there is any.
    func wait(for other: Int32? = nil, milliseconds: Int32) -> Bool {
        var items = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        if let other { items.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
        guard poll(&items, nfds_t(items.count), milliseconds) > 0 else { return false }
        return items.count > 1 && items[1].revents != 0
    }
}
