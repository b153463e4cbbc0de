import Foundation

/// The terminal that standard output is on, for a view that fills it.
///
/// It is opened anew, so that its descriptor can be non-blocking without the shell's becoming so too: a terminal that takes
/// nothing (Ctrl-S, a slow connection) holds nobody up.
public final class TerminalDevice: Sendable {
    /// Alternate screen, no cursor, no wrapping at the right edge.
    static let entering = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J"
    /// All of that back.
    static let leaving = "\u{1b}[?2026l\u{1b}[0m\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    /// The device's path.
    public let path: String
    private let descriptor: Int32
    private let original: termios

    /// Whether standard output is a terminal.
    public static var isThere: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Opens the terminal and takes it over: the alternate screen, without cursor, without echo.
    ///
    /// Throws ``TerminalError``. ``close()`` gives it back.
    public init() throws(TerminalError) {
        var name = [CChar](repeating: 0, count: 256)
        guard isatty(STDOUT_FILENO) == 1, ttyname_r(STDOUT_FILENO, &name, name.count) == 0 else {
            throw TerminalError(.noTerminal, "standard output", "is no terminal; use --plain")
        }
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else {
            let failure = Self.failure(path)
            Glibc.close(descriptor)
            throw failure
        }
        original = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        // A view that is suspended would leave its screen behind.
        withUnsafeMutableBytes(of: &settings.c_cc) { $0[Int(VSUSP)] = 0 }
        guard tcsetattr(descriptor, TCSANOW, &settings) == 0 else {
            let failure = Self.failure(path)
            Glibc.close(descriptor)
            throw failure
        }
        writeNow(Self.entering)
    }

    /// Gives the terminal back as it was.
    public func close() {
        var settings = original
        // What is still on its way to a stalled terminal is let go of, else this would not be seen.
        if !writeNow(Self.leaving) {
            tcflush(descriptor, TCOFLUSH)
            writeNow(Self.leaving)
        }
        tcsetattr(descriptor, TCSANOW, &settings)
        Glibc.close(descriptor)
    }

    /// The size in characters; 80×24 where the terminal does not say it.
    public var size: (width: Int, height: Int) { Self.size(of: descriptor) }

    /// The size of the terminal that standard output is on.
    public static var outputSize: (width: Int, height: Int) { size(of: STDOUT_FILENO) }

    /// The keys that were pressed since the last call; throws if the terminal is gone.
    public func keys() throws(TerminalError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        if count > 0 { return Array(bytes.prefix(count)) }
        guard count < 0, errno == EAGAIN || errno == EINTR else {
            throw TerminalError(.unusable, path, "is gone")
        }
        return []
    }

    /// Writes text, as fast as the terminal takes it; throws if the terminal is gone or the task is cancelled.
    public func write(_ text: String) async throws {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                done += count
            } else if errno == EAGAIN || errno == EINTR {
                try await Task.sleep(for: .milliseconds(10))
            } else {
                throw Self.failure(path)
            }
        }
    }

    @discardableResult
    private func writeNow(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }

    private static func size(of descriptor: Int32) -> (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    private static func failure(_ path: String) -> TerminalError {
        TerminalError(.unusable, path, "cannot be used: \(String(cString: strerror(errno)))")
    }
}
