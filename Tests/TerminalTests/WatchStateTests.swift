import Images
import Testing
import WireFormat

@testable import Terminal

@Suite("What is known of a watched session")
struct WatchStateTests {
    @Test("is folded from its messages")
    func folding() throws {
        let state = try Recorded.session().state
        #expect(state.session == "ses-01" && state.run == "run-1")
        #expect(state.plannedVolumes == 20 && state.repetitionTime == 2 && state.lastVolume == 9)
        #expect(state.volumes.largest == VolumeHistory.Entry(index: 7, value: 1.25))
        #expect(state.volumes.displacements.count == 10 && state.volumes.dvars.count == 9)
        #expect(state.volumes.remarks == [VolumeHistory.Remark(index: 7, flags: ["motion"])])
        #expect(state.volumes.measuredInterval == 2)
        #expect(state.trials.map(\.number) == [0, 1] && state.trials.allSatisfy { $0.hasPattern })
        #expect(state.trials[1].image?.isLate == true && state.trials[1].doubts == ["announced after its onset"])
        #expect(state.image?.pixels == Recorded.pixels && state.image?.marks == ["LATE", "DOUBTFUL"])
    }

    @Test("starts again with another run, but keeps the last image")
    func runs() throws {
        var recorded = try Recorded.session()
        recorded.take(.run(RunBody(phase: .end, reason: "stopped")))
        #expect(recorded.state.ending == "stopped")
        // A daemon that waits names no run; what was seen stays.
        recorded.run = "none"
        recorded.take(.status(StatusBody(state: "waiting", source: "x")))
        #expect(recorded.state.run == "run-1" && recorded.state.trials.count == 2)
        recorded.run = "run-2"
        recorded.take(.run(RunBody(phase: .start)))
        #expect(recorded.state.lastVolume == nil)
        recorded.take(.status(StatusBody(state: "running", source: "x")))
        #expect(recorded.state.run == "run-2" && recorded.state.ending == nil)
        #expect(recorded.state.trials.isEmpty && recorded.state.volumes == VolumeHistory())
        #expect(recorded.state.image?.body.trial == 1)
    }

    @Test("shows a preview until the image comes, and not after it")
    func previews() throws {
        var recorded = Recorded()
        var preview = Recorded.image(0)
        preview.steps = 5
        recorded.take(.preview(preview), payload: [try Recorded.png()])
        #expect(recorded.state.image?.marks == ["PREVIEW"] && recorded.state.trials[0].isPreview)
        recorded.take(.reconstruction(Recorded.image(0)), payload: [try Recorded.png()])
        #expect(recorded.state.image?.marks == [] && !recorded.state.trials[0].isPreview)
        recorded.take(.preview(preview), payload: [try Recorded.png()])
        #expect(recorded.state.trials[0].image?.steps == 20)
    }

    @Test("says of an image that cannot be read why")
    func brokenImages() throws {
        var recorded = Recorded()
        recorded.take(.reconstruction(Recorded.image(0)), payload: [[1, 2, 3]])
        #expect(recorded.state.image?.pixels == nil && recorded.state.image?.fault != nil)
        recorded.take(.reconstruction(Recorded.image(1, width: 64)), payload: [try Recorded.png()])
        #expect(recorded.state.image?.fault == "has 2×2 pixels, not 64×2 as announced")
    }

    @Test("stays small however long the session")
    func bounds() {
        var recorded = Recorded()
        recorded.takeVolumes(2000)
        for trial in 0..<200 { recorded.take(.pattern(Recorded.pattern(trial))) }
        #expect(recorded.state.volumes.displacements.count == VolumeHistory.capacity)
        #expect(recorded.state.volumes.displacements.last?.index == 1999)
        #expect(recorded.state.trials.count == WatchState.mostTrials && recorded.state.trials.last?.number == 199)
    }

    @Test("knows when the daemon has fallen silent")
    func silence() throws {
        let recorded = try Recorded.session()
        #expect(recorded.state.silence(at: recorded.time + 4.9) == nil)
        #expect(recorded.state.silence(at: recorded.time + 7) == 7)
        #expect(WatchState(WatchSettings(address: "x"), at: 3).silence(at: 9) == 6)
    }

    @Test("is told as lines of a log, without control characters")
    func lines() throws {
        var (recorded, events) = (Recorded(), EventLines())
        let motion = MotionBody(
            index: 3,
            translation: [0.125, -0.25, 0.5],
            rotation: [.pi / 180, 0, 0],
            framewiseDisplacement: 0.6,
            verdict: "converged",
            correlation: 1,
            iterations: 2
        )
        var quality = QualityBody(index: 3, framewiseDisplacement: 0.6, dvars: 1.5, flags: ["motion"])
        (quality.isUsable, quality.latencies) = (false, ["volume": 21.5])
        #expect(events.lines(recorded.stamp(), .motion(motion)).isEmpty)
        #expect(
            events.lines(recorded.stamp(), .quality(quality)) == [
                "2023-11-14T22:13:20.000Z volume 3: displacement 0.60 mm, moved +0.12 -0.25 +0.50 mm, "
                    + "turned +1.00 +0.00 +0.00 degrees, DVARS 1.50 %, 22 ms, flags: motion, not used"
            ]
        )
        var image = Recorded.image(4)
        (image.stimulusFile, image.isCutShort, image.steps) = ("\u{1b}[31m\nx.png", true, 7)
        #expect(
            events.lines(recorded.stamp(), .reconstruction(image)) == [
                "2023-11-14T22:13:20.000Z reconstruction of trial 4 (52.0 s, face, \\u{1B}[31m\\u{A}x.png): "
                    + "7 of 20 steps, 2.50 s after its pattern, cut short"
            ]
        )
        var status = Recorded.status(volumes: 1)
        #expect(events.lines(recorded.stamp(), .status(status)).count == 2)
        status.faultCounts["malformed"] = 2
        let fault = events.lines(recorded.stamp(), .status(status))
        #expect(fault == ["2023-11-14T22:13:20.000Z fault: malformed, 2 so far"])
        #expect(events.lines(recorded.stamp(), .status(status)).isEmpty)
    }
}
