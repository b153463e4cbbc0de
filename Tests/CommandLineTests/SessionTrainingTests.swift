import Foundation
import Images
import Neuroimaging
import Sessions
import TestSupport
import Testing

@Suite("percept train and evaluate on recorded sessions")
struct SessionTrainingTests {
    private let folder: TemporaryFolder
    private let log: SessionLog

    init() throws {
        folder = try TemporaryFolder()
        log = try SessionStore(folder: folder.url.appendingPathComponent("state")).openLog()
        let images = folder.url.appendingPathComponent("stimuli")
        try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
        try PNG.write(Image8(height: 8, width: 8), to: images.appendingPathComponent("a.png"))
        try Data("preset: compact\nimageSize: 8\n".utf8).write(to: URL(fileURLWithPath: folder.path("recipe.yaml")))
        for session in ["visit1", "visit2"] { try addSession(session) }
    }

    /// A session of one run with three trials, one of them doubtful.
    private func addSession(_ name: String) throws {
        let session = try log.insert(
            SessionRecord(name: name, startedAt: 1.7e9, software: "", configurationHash: "", configuration: "")
        )
        let run = try log.insert(
            RunRecord(
                sessionID: #require(session.id),
                name: "run-1",
                startedAt: 1.7e9,
                repetitionTime: 2,
                plannedVolumes: 10,
                processing: #"{"configuration": {}, "model": "abc"}"#
            )
        )
        for trial in 0..<3 {
            let id = try #require(run.id)
            let event = StimulusEvent(onset: Double(trial), duration: 1, stimulusFile: "a.png")
            try log.insert(
                EventRecord(runID: id, trial: trial, event: event, source: .stream, beforeVolume: 0, onsetRule: "run")
            )
            try log.insert(
                TrialRecord(
                    runID: id,
                    trial: trial,
                    readout: 0,
                    delay: 5,
                    isFinal: true,
                    lastVolume: 9,
                    isStandardized: true,
                    doubts: trial == 2 ? ["motion"] : [],
                    pattern: [1, Float(trial)]
                )
            )
        }
    }

    private func run(_ command: String, _ subject: String, _ options: [String]) throws -> PerceptProcess.Result {
        try PerceptProcess.run([command, subject, "--out", folder.path("out")] + options)
    }

    private func train(_ pairs: String, _ options: [String]) throws -> PerceptProcess.Result {
        try run("train", folder.path("recipe.yaml"), ["--pairs", pairs] + options)
    }

    private var state: String { "session:\(folder.path("state"))" }
    private var stimuli: [String] { ["--stimuli", folder.path("stimuli")] }

    @Test("the files of preprocessing must be those that the sessions were processed with")
    func preprocessing() throws {
        try SmallDecoder.writePreprocessing(to: folder.url.appendingPathComponent("prep"), SmallScan(volumes: 2))
        let result = try train(state, stimuli + ["--preprocessing", folder.path("prep")])
        #expect(result.status == 65)
        #expect(result.error.contains("2 of 6 trials were not taken: its response is not to be trusted (2)"))
        #expect(result.error.contains("the sessions were processed with another region, reference or settings"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
    }

    @Test("mistakes in naming sessions, runs and images are told with what there is")
    func mistakes() throws {
        let cases: [(pairs: String, options: [String], status: Int32, text: String)] = [
            (state, [], 64, "--stimuli is missing"),
            ("\(state)#", stimuli, 64, "name sessions after #"),
            ("\(state)#visit3", stimuli, 65, "there is no such session; there are visit1, visit2"),
            ("\(state)x", stimuli, 66, "there is no such file or folder"),
            (state, stimuli + ["--test-runs", "run-2"], 65, "there are visit1/run-1, visit2/run-1"),
            (state, stimuli + ["--test-runs", "run-1"], 65, "no trial is left to learn from"),
            (state, stimuli + ["--test-runs", "run-1", "--folds", "2"], 64, "Folds are of all pairs"),
            ("npz:\(folder.path("recipe.yaml"))", ["--test-runs", "run-1"], 64, "are for sessions (session:STATE)"),
        ]
        for (pairs, options, status, text) in cases {
            let result = try train(pairs, options)
            #expect(result.status == status && result.error.contains(text), "\(pairs) \(options): \(result.error)")
        }
    }

    @Test("an evaluation has to know which trials are to test by")
    func evaluation() throws {
        let bundle = folder.path("small.percept")
        try SmallDecoder.write(to: URL(fileURLWithPath: bundle), SmallScan(volumes: 2))
        let unsaid = try run("evaluate", bundle, ["--pairs", state] + stimuli)
        #expect(unsaid.status == 64 && unsaid.error.contains("--test-sessions"))
        let options = ["--pairs", "\(state)#visit1", "--test-sessions", "visit2", "--samples", "1", "--steps", "1"]
        let result = try run("evaluate", bundle, options + stimuli + ["--resamples", "100"])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("written: report.html"))
    }
}
