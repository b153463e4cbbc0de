import Decoder
import Foundation
import Images
import Live
import Sessions
import TestSupport
import Testing
import WireFormat

extension DaemonTests {
    /// A lab's first day: a session is recorded without a decoder, one is trained from it, and decodes the next session.
    @Test("A decoder that was trained from a recorded session decodes the next one, with nothing but its bundle")
    func firstDay() async throws {
        let bench = try await DaemonBench()
        let day = try FirstDay(bench)

        // Nothing is decoded: the settings name no bundle.
        bench.files = ["preprocessing": day.preprocessing, "state": bench.state]
        bench.settings["decoding"] = ["enabled": "false"]
        try await day.record("visit1", runs: ["r1", "r2", "r3"])

        let trained = try await day.percept(day.training)
        #expect(trained.status == 0, "\(trained.error)")
        // Of the six trials of the first run, two have no z-scores and four too few trials behind them.
        #expect(trained.error.contains("6 of 18 trials were not taken"))
        let bundle = try DecoderBundle(opening: URL(fileURLWithPath: day.bundle))
        #expect(bundle.manifest.provenance.notes.contains { $0.contains("12 trials of the recorded sessions visit1") })
        #expect(try bundle.damagedFiles().isEmpty)
        let names = Set(PreprocessingFolder.names)
        #expect(names.isSubset(of: bundle.manifest.files.keys))

        // What z-scores begin with is what the last run left.
        let log = try bench.store.readLog()
        let session = try #require(try log.session(named: "visit1")?.id)
        let left = try log.latestStatistics(ofSession: session).map { $0.means.map(Float.init) }
        let model = try ProcessingModel(PreprocessingFolder(bundle.folder))
        #expect(model.statistics.map { $0.means.map(Float.init) } == left && !left.isEmpty)

        // The next session: nothing but the bundle.
        bench.files = ["bundle": day.bundle, "state": bench.state]
        bench.settings["decoding"] = ["steps": "3", "fewestSteps": "2", "deadline": "60", "queue": "100"]
        try Data(bench.text.utf8).write(to: URL(fileURLWithPath: day.settingsFile))
        let doctor = try await day.percept(["doctor", "--config", day.settingsFile, "--deep"])
        #expect(doctor.status == 0, "\(doctor.output)")
        try await day.record("visit2", runs: ["r1"])
        let second = try #require(try bench.store.readLog().session(named: "visit2")?.id)
        let run = try #require(try bench.store.readLog().runs(ofSession: second).first?.id)
        let trials = try bench.store.readLog().trials(ofRun: run)
        // The first trial has z-scores already, and every trial an image.
        #expect(trials.allSatisfy(\.isStandardized) && !trials.isEmpty)
        #expect(try bench.store.readLog().reconstructions(ofRun: run).count == bench.scanner.scan.events.count)
        let verified = try await day.percept(["verify", "visit2", "--state", bench.state])
        #expect(verified.status == 0, "\(verified.output) \(verified.error)")

        // And how good it is on the second session; its statistics have changed, its patterns are of the same voxels.
        let evaluated = try await day.percept(day.evaluation)
        #expect(evaluated.status == 0, "\(evaluated.error)")
        #expect(evaluated.output.contains("Against the best baseline"))
        await bench.close()
    }
}

/// The commands of a first day.
private struct FirstDay {
    let bench: DaemonBench
    private var folder: TemporaryFolder { bench.folder }

    var preprocessing: String { folder.path("preprocessing") }
    var bundle: String { folder.path("trained/decoder.percept") }
    var settingsFile: String { folder.path("daemon/perceptd.yaml") }
    private var stimuli: String { folder.path("stimuli") }

    init(_ bench: DaemonBench) throws {
        self.bench = bench
        try SmallDecoder.writePreprocessing(to: URL(fileURLWithPath: preprocessing), bench.scanner.scan)
        let images = URL(fileURLWithPath: stimuli)
        try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
        for (number, event) in bench.scanner.scan.events.enumerated() {
            let grey = UInt8(30 * number)
            let image = Image8(height: 8, width: 8, colour: (grey, 255 - grey, grey))
            try PNG.write(image, to: images.appendingPathComponent(event.stimulusFile ?? ""))
        }
        try Data(Self.recipe.utf8).write(to: URL(fileURLWithPath: folder.path("small.yaml")))
    }

    private static let recipe = """
        preset: compact
        imageSize: 8
        validationShare: 0
        patterns: {patchSize: 4, standardization: voxel}
        autoencoder: {multipliers: [1, 2], codes: 16, optimization: {epochs: 1, batch: 4}}
        imageModel:
          channels: 32
          multipliers: [1]
          attention: [1]
          contextWidth: 16
          optimization: {epochs: 1, batch: 4}
        pretraining:
          width: 16
          depth: 1
          heads: 2
          decoderWidth: 8
          decoderHeads: 2
          optimization: {epochs: 1, batch: 4}
        crossModal: {train: false}
        diffusionTuning: {tokens: 4, optimization: {epochs: 1, batch: 4}}
        """

    var training: [String] {
        ["train", folder.path("small.yaml"), "--pairs", "session:\(bench.state)#visit1", "--stimuli", stimuli]
            + ["--preprocessing", preprocessing, "--out", folder.path("trained")]
    }

    var evaluation: [String] {
        ["evaluate", bundle, "--pairs", "session:\(bench.state)", "--test-sessions", "visit2", "--stimuli", stimuli]
            + ["--samples", "1", "--steps", "1", "--resamples", "100", "--out", folder.path("report")]
    }

    /// Records a session from its start to its end.
    func record(_ session: String, runs: [String]) async throws {
        try await bench.startHeard()
        for run in runs {
            try bench.scanner.begin(session: session, run: run)
            try bench.scanner.send(bench.scanner.scan.volumes.indices, session: session, run: run)
            try bench.scanner.end(session: session, run: run)
            #expect(await eventually { self.hasEnded(session, run) }, "\(bench.log)")
        }
        #expect(await bench.stop() == 0, "\(bench.log)")
    }

    /// Whether a run is recorded whole, with the images of its trials where there is a decoder.
    private func hasEnded(_ session: String, _ run: String) -> Bool {
        guard let log = try? bench.store.readLog(), let record = try? log.session(named: session)?.id,
            let found = try? log.run(named: run, ofSession: record), found.state == .ended, let id = found.id
        else { return false }
        guard bench.files["bundle"] != nil else { return true }
        return (try? log.reconstructions(ofRun: id).count) == bench.scanner.scan.events.count
    }

    /// Runs a command to its end.
    func percept(_ arguments: [String]) async throws -> (status: Int32, output: String, error: String) {
        let process = try ServiceProcess("percept")
        let file = process.folder.appendingPathComponent("output.txt")
        try Data().write(to: file)
        process.process.arguments = arguments
        process.process.standardOutput = try FileHandle(forWritingTo: file)
        try process.start()
        while process.process.isRunning { try await Task.sleep(for: .milliseconds(50)) }
        return (process.process.terminationStatus, try String(contentsOf: file, encoding: .utf8), process.log)
    }
}
