import Foundation
import Terminal

/// One picture of a session on standard output.
struct WatchOnce {
    var target: WatchTarget
    var wait: Double
    var width: Int?
    var height: Int?
    var depth: ColourDepth

    private static func isComplete(_ state: WatchState) -> Bool {
        state.status?.latencies["volume"] != nil && state.volumes.motion != nil && state.image?.isPreview == false
    }

    /// Waits for a status that measured volumes, a volume and an image, and prints what is known then; throws if there is no status in time.
    func run() async throws {
        let session = try await WatchSession(target)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await session.follow(until: Self.isComplete) }
            group.addTask { try? await Task.sleep(for: .seconds(wait)) }
            await group.next()
            group.cancelAll()
        }
        let state = session.snapshot
        await session.close()
        guard state.status != nil else {
            let why = state.lastFault.map { "; \($0.text)" } ?? "; is perceptd running?"
            throw CommandFailure(
                .unavailable,
                "\(target.address): no status came in \(wait) s\(DisplayText.escaped(why))"
            )
        }
        // A terminal scrolls if its last line is ended.
        let isTerminal = TerminalDevice.isThere
        let size = isTerminal ? TerminalDevice.outputSize : (width: 120, height: 41)
        let depth = isTerminal ? depth : .none
        let canvas = WatchView.canvas(
            state,
            width: width ?? size.width,
            height: height ?? size.height - 1,
            at: WatchSession.now,
            as: depth == .none ? .letters : .colours
        )
        FileHandle.standardOutput.write(Data(FrameEncoder.text(canvas, depth: depth).utf8))
    }
}
