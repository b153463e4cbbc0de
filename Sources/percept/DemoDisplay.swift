import Foundation
import Synchronization
import Terminal

/// Shows reconstructions as they arrive: pairs of pictures in a terminal, a line for each elsewhere.
final class DemoDisplay: Sendable {
    /// The pairs of the row that is not full yet.
    private let pairs = Mutex<[PairRow.Pair]>([])
    private let row: PairRow?
    private let depth: ColourDepth

    init() {
        let isTerminal = TerminalDevice.isThere
        depth = isTerminal ? ColourDepth(environment: ProcessInfo.processInfo.environment) : .none
        row = isTerminal ? PairRow(width: TerminalDevice.outputSize.width) : nil
    }

    /// Writes lines.
    func write(_ lines: [String]) throws { try write(lines.map { DisplayText.escaped($0) + "\n" }.joined()) }

    /// Shows a trial.
    func show(_ trial: DemoTrial) throws {
        guard let row else { return try write([DemoText.line(trial)]) }
        let text = pairs.withLock { pairs in
            let isBegun = !pairs.isEmpty
            pairs.append(PairRow.Pair(seen: trial.seen, made: trial.made, caption: DemoText.caption(trial)))
            let canvas = row.canvas(pairs, as: depth == .none ? .letters : .colours)
            if pairs.count == row.count { pairs = [] }
            // A row that has been begun is drawn again, with one more pair.
            return (isBegun ? "\u{1b}[\(row.height)A\r" : "") + FrameEncoder.text(canvas, depth: depth)
        }
        try write(text)
    }

    /// Ends the pictures.
    func finish() throws { try write("\n") }

    private func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw CommandFailure(.cannotCreate, "standard output: cannot be written")
        }
    }
}
