import ArgumentParser
import Foundation
import Synchronization
import Terminal
import UnixSignals

/// The view that fills a terminal, drawn at most ten times a second.
struct WatchScreen {
    var target: WatchTarget
    var width: Int?
    var height: Int?
    var depth: ColourDepth

    private static let interval = Duration.milliseconds(100)
    /// How long the view stays as it is while nothing comes, in s.
    private static let rest = 0.5
    /// Ctrl-L.
    private static let redraw = UInt8(12)

    private enum Ending: Sendable {
        case quit
        case signal(UnixSignal)
    }

    /// Shows the session until q is pressed or a signal comes; the terminal is given back in any case.
    func run() async throws {
        let session = try await WatchSession(target)
        let ending: Ending
        do {
            let device = try TerminalDevice()
            defer { device.close() }
            ending = try await show(session, on: device)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
        // Ctrl-C is another way to quit; what others end has the status that shells give it.
        if case .signal(let signal) = ending, signal != .sigint { throw ExitCode(128 + signal.rawValue) }
    }

    private func show(_ session: WatchSession, on device: TerminalDevice) async throws -> Ending {
        let isResized = ResizeFlag()
        return try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask {
                for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigwinch) {
                    guard signal == .sigwinch else { return .signal(signal) }
                    isResized.value.store(true, ordering: .relaxed)
                }
                return .quit
            }
            group.addTask {
                await session.follow()
                return .quit
            }
            group.addTask {
                try await draw(session, on: device, isResized)
                return .quit
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .quit
        }
    }

    /// Draws what is new, and ages now and then, until q is pressed.
    private func draw(_ session: WatchSession, on device: TerminalDevice, _ isResized: ResizeFlag) async throws {
        var encoder = FrameEncoder(depth: depth)
        var drawn: (received: Int, time: Double) = (-1, 0)
        while true {
            let keys = try device.keys()
            if keys.contains(UInt8(ascii: "q")) || keys.contains(UInt8(ascii: "Q")) { return }
            let isForgotten = isResized.value.exchange(false, ordering: .relaxed) || keys.contains(Self.redraw)
            if isForgotten { encoder.forget() }
            let (state, now) = (session.snapshot, WatchSession.now)
            if isForgotten || state.link.received != drawn.received || now - drawn.time >= Self.rest {
                drawn = (state.link.received, now)
                let size = device.size
                let canvas = WatchView.canvas(
                    state,
                    width: min(size.width, width ?? size.width),
                    height: min(size.height, height ?? size.height),
                    at: now,
                    as: depth == .none ? .letters : .colours
                )
                try await device.write(encoder.encode(canvas))
            }
            try await Task.sleep(for: Self.interval)
        }
    }
}

/// Whether the terminal's size has changed since this was last asked.
private final class ResizeFlag: Sendable {
    let value = Atomic(false)
}
