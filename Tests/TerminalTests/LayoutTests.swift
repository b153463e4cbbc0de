import Testing
import WireFormat

@testable import Terminal

@Suite("The view of a session")
struct LayoutTests {
    private func view(_ recorded: Recorded, _ width: Int, _ height: Int, after seconds: Double = 0.5) -> [String] {
        let time = recorded.time + seconds
        return WatchView.canvas(recorded.state, width: width, height: height, at: time, as: .letters).lines
    }

    @Test("divides rows by importance")
    func shares() {
        let demands = [RowDemand(least: 2, enough: 4, most: 5), RowDemand(least: 3, enough: 3, most: 10)]
        #expect(RowDemand.shares(of: 0, demands) == [0, 0])
        #expect(RowDemand.shares(of: 4, demands) == [4, 0])
        #expect(RowDemand.shares(of: 5, demands) == [2, 3])
        #expect(RowDemand.shares(of: 8, demands) == [5, 3])
        #expect(RowDemand.shares(of: 100, demands) == [5, 10])
    }

    @Test("is one line where there is no room", arguments: [(39, 24), (80, 9), (12, 1)])
    func tiny(_ size: (width: Int, height: Int)) throws {
        let lines = view(try Recorded.session(), size.width, size.height)
        #expect(lines[0].hasPrefix("needs 40×10"))
        #expect(lines.dropFirst().allSatisfy { $0.isEmpty })
    }

    @Test("fits any size")
    func sizes() throws {
        let recorded = try Recorded.session()
        for width in [0, 1, 39, 40, 53, 71, 72, 97, 250] {
            for height in [0, 1, 9, 10, 11, 13, 17, 29, 90] {
                let canvas = WatchView.canvas(recorded.state, width: width, height: height, at: 30, as: .colours)
                #expect(canvas.width == width && canvas.height == height)
            }
        }
    }

    @Test("says what it waits for before anything comes, and that nothing does")
    func empty() {
        let lines = view(Recorded(), 80, 24, after: 7)
        #expect(lines[0].contains("waiting for tcp://127.0.0.1:5570"))
        #expect(lines[2].hasSuffix("NO NEWS FOR 7.0 s"))
        let canvas = WatchView.canvas(Recorded().state, width: 80, height: 24, at: 7, as: .letters)
        #expect(canvas[2, 79].style == .loud)
    }

    @Test("shows what was missed and why, and that recording has stopped, loudly")
    func alarms() throws {
        var recorded = try Recorded.session()
        recorded.state.link.missed = 3
        recorded.state.note("tcp://127.0.0.1:5570 went away", isGood: false)
        var status = Recorded.status(volumes: 10)
        status.recording = StatusBody.Recording(state: "stopped", detail: "the disk is full")
        recorded.take(.status(status))
        let canvas = WatchView.canvas(recorded.state, width: 80, height: 24, at: recorded.time, as: .letters)
        #expect(canvas.lines[23] == "q quits  messages 26  missed 3  tcp://127.0.0.1:5570 went away")
        #expect(canvas[23, 22].style == Style(.alarm, bold: true))
        #expect(canvas.lines[2].hasPrefix("RECORDING STOPPED: the disk is full"))
        #expect(canvas[2, 0].style == .loud)
    }

    @Test("keeps names from the network harmless")
    func hostile() throws {
        var recorded = Recorded()
        var image = Recorded.image(0)
        (image.stimulusFile, image.trialType) = ("\u{1b}]0;owned\u{7}.png", "\u{9b}2J")
        image.doubts = ["\u{1b}[31mred"]
        recorded.take(.reconstruction(image), payload: [try Recorded.png()])
        var status = StatusBody(state: "\u{1b}c", source: "\u{202e}x")
        status.bundle = "\u{1b}[1;1H"
        status.latencies["\u{1b}[5m"] = StatusBody.Latency(count: 1, median: 1, p90: 1, p99: 1, max: 1)
        recorded.take(.status(status))
        recorded.state.note("\u{1b}[?1049l", isGood: false)
        var encoder = FrameEncoder(depth: .none)
        for (width, height) in [(80, 24), (120, 40), (60, 60)] {
            let canvas = WatchView.canvas(recorded.state, width: width, height: height, at: 1, as: .letters)
            #expect(canvas.cells.allSatisfy { $0.text.utf8.allSatisfy { $0 >= 32 && $0 != 127 } })
            let output = encoder.encode(canvas)
            for bad in ["\u{1b}]", "\u{1b}c", "\u{1b}[5m", "\u{1b}[?1049l", "\u{1b}[31m", "\u{202e}", "\u{9b}"] {
                #expect(!output.unicodeScalars.contains(bad))
            }
        }
    }
}

extension String.UnicodeScalarView {
    fileprivate func contains(_ text: String) -> Bool {
        let needle = Array(text.unicodeScalars)
        let all = Array(self)
        return all.indices.contains { all[$0...].starts(with: needle) }
    }
}
