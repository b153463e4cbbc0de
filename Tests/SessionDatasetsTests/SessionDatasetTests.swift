import Foundation
import Images
import Neuroimaging
import SessionDatasets
import Sessions
import Testing
import Training

@Suite("Trials of recorded sessions")
struct SessionDatasetTests {
    private let recorded: RecordedSession

    init() throws { recorded = try RecordedSession() }

    private func read(_ change: (inout SessionDataset.Options) -> Void = { _ in }) throws -> SessionDataset {
        var options = SessionDataset.Options()
        change(&options)
        return try SessionDataset(state: recorded.state, images: recorded.images, options: options)
    }

    @Test("Each trial has its last pattern and the image that its event names")
    func pairing() throws {
        let run = try recorded.addRun("one")
        try recorded.addTrial(run, 0, image: "a.png", patterns: [[1, 2], [3, 4]])
        try recorded.addTrial(run, 1, image: "stimuli/deep/b.png", patterns: [[5, 6]])
        try recorded.addTrial(run, 2, image: "a.png", patterns: [[7, 8]])
        let dataset = try read()
        let rows = dataset.data.training
        #expect(rows.responses.values == [3, 4, 5, 6, 7, 8] && rows.imageIndices == [0, 1, 0])
        #expect(rows.stimuli.names == ["a.png", "deep/b.png"])
        #expect((0..<3).map { rows.image(ofRow: $0).bytes[0] } == [1, 2, 1])
        #expect(dataset.training.map(\.trial) == [0, 1, 2] && dataset.training.map(\.readout) == [1, 0, 0])
        #expect(dataset.training[0].session == "visit" && dataset.training[0].run == "one")
        #expect(dataset.excluded.isEmpty && dataset.data.test.responses.rows == 0 && dataset.processing == "abc")
    }

    @Test("An earlier readout may be asked for; trials without it are listed")
    func readouts() throws {
        let run = try recorded.addRun("one")
        try recorded.addTrial(run, 0, image: "a.png", patterns: [[1, 2], [3, 4]])
        try recorded.addTrial(run, 1, image: "a.png", patterns: [[5, 6]])
        #expect(try read { $0.readout = .number(0) }.data.training.responses.values == [1, 2, 5, 6])
        let second = try read { $0.readout = .number(1) }
        #expect(second.data.training.responses.values == [3, 4])
        #expect(second.excluded.map(\.trial) == ["visit/one, trial 1"])
    }

    @Test("Trials that cannot be trusted, are no z-scores or show no image are listed with the reason")
    func exclusion() throws {
        let run = try recorded.addRun("one")
        try recorded.addTrial(run, 0, image: "a.png", patterns: [[1, 2]])
        try recorded.addTrial(run, 1, image: "a.png", patterns: [[3, 4]], doubts: ["motion"])
        try recorded.addTrial(run, 2, image: "a.png", patterns: [[5, 6]], isStandardized: false)
        try recorded.addTrial(run, 3, image: nil, patterns: [[7, 8]])
        try recorded.addTrial(run, 4, image: "a.png", patterns: [[.nan, 8]])
        try recorded.addTrial(run, 5, image: "a.png", patterns: [[9, 9]], hasEvent: false)
        let dataset = try read()
        #expect(dataset.data.training.responses.values == [1, 2] && dataset.excluded.count == 5)
        #expect(dataset.excluded[0].reason.contains("motion"))
        let all = try read { ($0.includesDoubtful, $0.includesUnstandardized) = (true, true) }
        #expect(all.data.training.responses.values == [1, 2, 3, 4, 5, 6] && all.excluded.count == 3)
    }

    @Test("Runs that are named are to test by; unknown ones are an error")
    func split() throws {
        for (number, name) in ["one", "two"].enumerated() {
            let run = try recorded.addRun(name)
            try recorded.addTrial(run, 0, image: number == 0 ? "a.png" : "deep/b.png", patterns: [[Float(number), 0]])
        }
        let dataset = try read { $0.testRuns = ["two"] }
        #expect(dataset.data.training.responses.values == [0, 0] && dataset.data.test.responses.values == [1, 0])
        #expect(dataset.data.training.stimuli.names == ["a.png"] && dataset.data.test.stimuli.names == ["deep/b.png"])
        #expect(dataset.test.map(\.run) == ["two"])
        #expect(try read { $0.testRuns = ["visit/two"] }.data.test.responses.values == [1, 0])
        #expect(throws: DatasetError.self) { try read { $0.testRuns = ["three"] } }
        #expect(throws: DatasetError.self) { try read { $0.testRuns = ["one", "two"] } }
    }

    @Test("Sessions that are named are to test by, also besides those that are read")
    func testSessions() throws {
        try recorded.addTrial(recorded.addRun("one"), 0, image: "a.png", patterns: [[1, 0]])
        try recorded.addTrial(recorded.addRun("one", of: "second"), 0, image: "a.png", patterns: [[2, 0]])
        try recorded.addTrial(recorded.addRun("one", of: "third"), 0, image: "a.png", patterns: [[3, 0]])
        let all = try read { $0.testSessions = ["second"] }
        #expect(all.data.training.responses.values == [1, 0, 3, 0] && all.data.test.responses.values == [2, 0])
        #expect(all.summary.contains("2 trials of the recorded sessions third, visit"))
        let two = try read { ($0.sessions, $0.testSessions) = (["visit"], ["third"]) }
        #expect(two.data.training.responses.values == [1, 0] && two.data.test.responses.values == [3, 0])
        let run = try read { $0.testRuns = ["second/one"] }
        #expect(run.data.test.responses.values == [2, 0])
        #expect(throws: DatasetError.self) { try read { $0.testSessions = ["fourth"] } }
    }

    @Test("First trials, whose z-scores rest on few responses, are not taken unless an earlier run stands behind them")
    func firstTrials() throws {
        let first = try recorded.addRun("one")
        try recorded.addTrial(first, 0, image: "a.png", patterns: [[9, 9]], isStandardized: false)
        for trial in 1..<10 {
            try recorded.addTrial(first, trial, image: "a.png", patterns: [[Float(trial), 0]], standardizedBy: trial)
        }
        let second = try recorded.addRun("two")
        try recorded.addTrial(second, 0, image: "a.png", patterns: [[10, 0]])
        try recorded.addTrial(second, 1, image: "a.png", patterns: [[11, 0]], standardizedBy: 1)
        let dataset = try read()
        #expect(dataset.data.training.responses.values == [8, 0, 9, 0, 10, 0, 11, 0])
        #expect(
            dataset.exclusions == "8 of 12 trials were not taken: its z-scores rest on fewer than 8 trials (7), "
                + "its pattern is not of z-scores (1)"
        )
        #expect(try read { $0.fewestTrials = 2 }.data.training.responses.rows == 10)
    }

    @Test("Statistics are those that the last run to learn from left")
    func statistics() throws {
        for (number, name) in ["one", "two", "three", "four"].enumerated() {
            let run = try recorded.addRun(name)
            try recorded.addTrial(run, 0, image: "a.png", patterns: [[1, 2]])
            // A run that was interrupted leaves none.
            if name != "three" { try recorded.addStatistics(run, mean: Double(number)) }
        }
        #expect(try read { $0.testRuns = ["four"] }.statistics.map(\.means) == [[1, 1], [1, 1]])
        #expect(try read().statistics.map(\.readout) == [0, 1])
        #expect(try read { $0.testRuns = ["one", "two", "four"] }.statistics.isEmpty)
    }

    @Test("Without images, patterns of trials that show none are taken too, and none of those to test by")
    func patternsAlone() throws {
        let run = try recorded.addRun("one")
        try recorded.addTrial(run, 0, image: "nowhere.png", patterns: [[1, 2]])
        try recorded.addTrial(run, 1, image: nil, patterns: [[3, 4]], hasEvent: false)
        try recorded.addTrial(run, 2, image: nil, patterns: [[5, 6]], doubts: ["motion"])
        try recorded.addTrial(recorded.addRun("two"), 0, image: nil, patterns: [[7, 8]])
        var options = SessionDataset.Options()
        options.testRuns = ["two"]
        let patterns = try SessionPatterns(state: recorded.state, options: options)
        #expect(patterns.responses.values == [1, 2, 3, 4] && patterns.processing == "abc")
        #expect(patterns.exclusions?.hasPrefix("1 of 4 trials were not taken") == true)
        options.testRuns = ["one", "two"]
        #expect(throws: DatasetError.self) { try SessionPatterns(state: recorded.state, options: options) }
    }

    @Test("Runs whose z-scores began with other statistics go together")
    func sharedProcessing() throws {
        for (name, model) in [("one", "abc"), ("two", "def")] {
            let run = try recorded.addRun(name, model: model, patterns: "p")
            try recorded.addTrial(run, 0, image: "a.png", patterns: [[1, 2]])
        }
        #expect(try read().processing == "p")
    }

    @Test("Conditions are classes where every image has one, and find images that have no name")
    func conditions() throws {
        let run = try recorded.addRun("one")
        try recorded.addTrial(run, 0, image: nil, patterns: [[1, 2]], condition: "face")
        try recorded.addTrial(run, 1, image: "a.png", patterns: [[3, 4]], condition: "cat")
        let stimuli = try read().data.training.stimuli
        #expect(stimuli.names == ["face.jpg", "a.png"] || stimuli.names == ["face.png", "a.png"])
        #expect(stimuli.classNames == ["cat", "face"] && stimuli.classes == [1, 0])
        try recorded.addTrial(run, 2, image: "a.png", patterns: [[3, 4]], condition: "dog")
        #expect(try read().data.training.stimuli.classes.isEmpty)
    }

    @Test("Missing images, other processing, other widths and unknown sessions are errors that say so")
    func errors() throws {
        #expect(throws: DatasetError.self) { try read() }
        let run = try recorded.addRun("one")
        try recorded.addTrial(run, 0, image: "a.png", patterns: [[1, 2]])
        #expect(throws: DatasetError.self) { try read { $0.sessions = ["other"] } }
        let failures: [(String, String, [Float], String)] = [
            ("missing", "nowhere.png", [1, 2], "abc"), ("outside", "../secret.png", [1, 2], "abc"),
            ("settings", "a.png", [1, 2], "def"), ("voxels", "a.png", [1, 2, 3], "abc"),
        ]
        let mentions = ["nowhere.png", "../secret.png", "processed", "3 voxels"]
        for ((name, image, pattern, model), mention) in zip(failures, mentions) {
            let other = try RecordedSession()
            try other.addTrial(other.addRun("first"), 0, image: "a.png", patterns: [[1, 2]])
            try other.addTrial(other.addRun(name, model: model), 0, image: image, patterns: [pattern])
            #expect("\(name)") {
                try SessionDataset(state: other.state, images: other.images)
            } throws: { error in
                error is DatasetError && "\(error)".contains(mention)
            }
        }
        let nowhere = recorded.images.appendingPathComponent("nowhere")
        #expect(throws: SessionError.self) { try SessionDataset(state: nowhere, images: recorded.images) }
    }
}

/// A log with a session, and a folder of images, that disappear with their owner.
private final class RecordedSession {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sessions-\(UUID().uuidString)")
    var state: URL { folder.appendingPathComponent("state") }
    var images: URL { folder.appendingPathComponent("images") }
    private let log: SessionLog

    init() throws {
        let images = folder.appendingPathComponent("images")
        try FileManager.default.createDirectory(
            at: images.appendingPathComponent("deep"),
            withIntermediateDirectories: true
        )
        for (number, path) in ["a.png", "deep/b.png", "face.png", "../secret.png"].enumerated() {
            let grey = UInt8(number + 1)
            try PNG.write(
                Image8(height: 2, width: 2, colour: (grey, grey, grey)),
                to: images.appendingPathComponent(path)
            )
        }
        log = try SessionStore(folder: folder.appendingPathComponent("state")).openLog()
    }

    private func session(_ name: String) throws -> SessionRecord {
        if let session = try log.session(named: name) { return session }
        return try log.insert(
            SessionRecord(name: name, startedAt: 1.7e9, software: "percept", configurationHash: "", configuration: "")
        )
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func addRun(
        _ name: String,
        of session: String = "visit",
        model: String = "abc",
        patterns: String? = nil
    ) throws -> Int64 {
        let more = patterns.map { #", "patterns": "\#($0)""# } ?? ""
        let run = RunRecord(
            sessionID: try self.session(session).id ?? 0,
            name: name,
            startedAt: 1.7e9,
            repetitionTime: 2,
            plannedVolumes: 10,
            processing: #"{"configuration": {}, "model": "\#(model)"\#(more)}"#
        )
        return try log.insert(run).id ?? 0
    }

    /// Statistics of two readouts of two voxels.
    func addStatistics(_ run: Int64, mean: Double) throws {
        for readout in 0..<2 {
            let means = [mean, mean]
            try log.insert(StatisticsRecord(runID: run, readout: readout, means: means, deviations: [1, 1]))
        }
    }

    func addTrial(
        _ run: Int64,
        _ trial: Int,
        image: String?,
        patterns: [[Float]],
        doubts: [String] = [],
        isStandardized: Bool = true,
        standardizedBy: Int = 0,
        condition: String? = nil,
        hasEvent: Bool = true
    ) throws {
        if hasEvent {
            let event = StimulusEvent(onset: Double(trial), duration: 2, trialType: condition, stimulusFile: image)
            try log.insert(
                EventRecord(runID: run, trial: trial, event: event, source: .stream, beforeVolume: 0, onsetRule: "run")
            )
        }
        for (readout, pattern) in patterns.enumerated() {
            try log.insert(
                TrialRecord(
                    runID: run,
                    trial: trial,
                    readout: readout,
                    delay: 5,
                    isFinal: readout == patterns.count - 1,
                    lastVolume: 9,
                    isStandardized: isStandardized,
                    standardizedBy: standardizedBy,
                    doubts: doubts,
                    pattern: pattern
                )
            )
        }
    }
}
