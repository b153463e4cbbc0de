import Foundation
import Images
import Live
import Neuroimaging
import Plotting
import Preprocessing
import Weights

/// The folder that `percept preprocess` writes.
struct PreprocessOutput {
    let folder: URL

    /// Where the whole volumes go.
    var volumes: String { path("volumes.nii.gz") }

    func create() throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.cannotCreate, "\(folder.path): cannot be created: \(error.localizedDescription)")
        }
    }

    func write(_ run: PreprocessedRun, _ inputs: PreprocessInputs) throws {
        try patterns(run, inputs)
        try motion(run).write(to: url("motion.tsv"))
        try quality(run).write(to: url("quality.tsv"))
        try trials(run).write(to: url("trials.tsv"))
        try PNG.write(QualityPlot.chart(run, inputs).render(), to: url("quality.png"))
        try NIfTIWriter.write(
            inputs.mask.volume(of: [Float](repeating: 1, count: inputs.mask.count)),
            to: path("mask.nii.gz"),
            dataType: .uint8
        )
        try NIfTIWriter.write(inputs.reference ?? run.firstVolume, to: path("reference.nii.gz"))
        let settings = PreprocessingFolder.Settings(configuration: inputs.configuration, order: inputs.mask.order)
        try InspectCommand.encode(settings).write(to: url("preprocessing.json"), atomically: true, encoding: .utf8)
        if let statistics = run.statistics {
            try PreprocessingFolder.write(statistics, to: url(PreprocessingFolder.statisticsName))
        }
    }

    private func patterns(_ run: PreprocessedRun, _ inputs: PreprocessInputs) throws {
        let (voxels, count) = (inputs.mask.count, run.trials.count)
        let missing = [Float](repeating: .nan, count: voxels)
        let positions = inputs.mask.positions.flatMap { [Float($0.x), Float($0.y), Float($0.z)] }
        try NPZ.write(
            [
                ("values", [run.volumes.count, voxels], run.volumes.flatMap(\.values)),
                ("cleaned", [run.volumes.count, voxels], run.volumes.flatMap(\.cleaned)),
                ("patterns", [count, voxels], run.trials.flatMap { $0.standardized ?? missing }),
                ("responses", [count, voxels], run.trials.flatMap(\.response)),
                ("standard_errors", [count, voxels], run.trials.flatMap { $0.standardError ?? missing }),
                ("positions", [voxels, 3], positions),
            ],
            to: path("patterns.npz")
        )
    }

    private func motion(_ run: PreprocessedRun) throws -> TabularFile {
        try TabularFile(
            columns: ["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"],
            rows: run.volumes.map { $0.motion.motion.parameters.map { TabularFile.text($0) } }
        )
    }

    private func quality(_ run: PreprocessedRun) throws -> TabularFile {
        try TabularFile(
            columns: [
                "volume", "time", "framewise_displacement", "dvars", "tsnr", "spikes", "voxels_outside", "iterations",
                "residual", "correlation", "intensity", "verdict", "milliseconds", "flags",
            ],
            rows: run.volumes.map { volume in
                [
                    String(volume.number), TabularFile.text(volume.time),
                    TabularFile.text(volume.quality.framewiseDisplacement), TabularFile.text(volume.quality.dvars),
                    TabularFile.text(volume.quality.temporalSignalToNoise), String(volume.quality.spikes),
                    String(volume.quality.voxelsOutside), String(volume.motion.iterations),
                    TabularFile.text(volume.motion.residual), TabularFile.text(volume.motion.correlation),
                    TabularFile.text(volume.motion.intensity), volume.motion.verdict.rawValue,
                    TabularFile.text(1000 * volume.timings.total.seconds),
                    volume.quality.flags.isEmpty
                        ? nil : volume.quality.flags.map(\.rawValue).sorted().joined(separator: ","),
                ]
            }
        )
    }

    /// One row for each row of the arrays of patterns.
    private func trials(_ run: PreprocessedRun) throws -> TabularFile {
        try TabularFile(
            columns: [
                "trial", "onset", "duration", "trial_type", "stim_file", "delay", "final", "last_volume", "repeats",
                "standardized", "doubts",
            ],
            rows: run.trials.map { trial in
                [
                    String(trial.trial), TabularFile.text(trial.event?.onset), TabularFile.text(trial.event?.duration),
                    trial.event?.trialType, trial.event?.stimulusFile, TabularFile.text(trial.delay),
                    trial.isFinal ? "1" : "0", String(trial.lastVolume), String(trial.repeats),
                    trial.standardized == nil ? "0" : "1",
                    trial.doubts.isEmpty ? nil : trial.doubts.joined(separator: "; "),
                ]
            }
        )
    }

    private func url(_ name: String) -> URL { folder.appendingPathComponent(name) }
    private func path(_ name: String) -> String { url(name).path }
}
