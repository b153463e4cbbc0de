import Foundation
import Images
import Neuroimaging
import Sessions
import Settings
import Simulation
import Training

/// The runs of one visit of a simulated participant.
struct SimulatedRoom: Sendable {
    let settings: SimulationSettings
    let visit: Int
    /// The number of the first run.
    let firstRun: Int
    /// The images of each run.
    let stimuli: [[Shown]]
    /// The same person in all runs.
    private let participant: Participant

    init(settings: SimulationSettings, visit: Int, firstRun: Int, stimuli: [[Shown]]) throws {
        (self.settings, self.visit, self.firstRun, self.stimuli) = (settings, visit, firstRun, stimuli)
        participant = try Participant(settings)
    }

    /// An image, as it is seen and as it is kept.
    struct Shown: Sendable {
        let stimulus: SimulatedStimulus
        let picture: Image8
    }

    /// Some images of a data set, under names that files can have.
    static func stimuli(_ set: StimulusSet, _ shown: some Sequence<Int>) -> [Shown] {
        shown.map { index in
            var name = set.names[index].replacing("[", with: "-").replacing("]", with: "")
            if !name.lowercased().hasSuffix(".png") { name += ".png" }
            let category = set.classes.isEmpty ? nil : set.classNames[set.classes[index]]
            let image = GreyImage(set.images[index])
            return Shown(
                stimulus: SimulatedStimulus(name: name, image: image, category: category),
                picture: set.images[index]
            )
        }
    }

    /// A run by its number.
    func run(_ number: Int) throws -> SimulatedRun {
        try SimulatedRun(
            settings,
            participant: participant,
            stimuli: stimuli[number - firstRun].map(\.stimulus),
            visit: visit,
            run: number
        )
    }

    /// Writes the images of all runs.
    func writeStimuli(to folder: URL) throws {
        for shown in stimuli.joined() {
            let file = folder.appendingPathComponent(shown.stimulus.name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try PNG.write(shown.picture, to: file)
        }
    }

    /// Writes a run, with a line of progress; `recording` keeps beside it what the daemon would record of it.
    func write(_ number: Int, to folder: SimulationFolder, recording: Bool) throws {
        let run = try run(number)
        let progress = ProgressLine("run \(number)", unit: "volumes", total: run.positions.count)
        let file = folder.url.appendingPathComponent("\(SimulationFolder.session(run))_run-\(number).h5")
        let writer = recording ? try recordingWriter(of: run, to: file) : nil
        try folder.write(run) { place, volume in
            let time = Double(place) * settings.acquisition.repetitionTime
            _ = try writer?.append(
                RecordedVolume(index: place, arrival: place, acquiredAt: time, receivedAt: time, volume: volume)
            )
            progress.update(place + 1)
        }
        try writer?.close()
        print(folder.image(run).path)
        if recording { print(file.path) }
    }

    /// Begins a recording in place of what was there.
    private func recordingWriter(of run: SimulatedRun, to file: URL) throws -> RecordingWriter {
        if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
        return try RecordingWriter(
            url: file,
            description: RecordingDescription(
                session: SimulationFolder.session(run),
                run: run.name,
                repetitionTime: settings.acquisition.repetitionTime,
                grid: run.grid,
                dataType: .int16
            )
        )
    }
}
