import Foundation
import Neuroimaging
import Preprocessing
import Settings
import Weights

/// A folder with simulated runs: a BIDS data set, and the truth behind it.
///
/// ```
/// dataset_description.json
/// stimuli/…
/// sub-sim/ses-01/func/sub-sim_ses-01_task-viewing_run-1_bold.nii.gz (.json), …_events.tsv
/// truth/areas.nii.gz, mask.nii.gz, settings.txt, sites.npz, ses-01_run-1.npz, ses-01_run-1_motion.tsv
/// ```
public struct SimulationFolder {
    /// The folder.
    public let url: URL

    /// Names a folder, and makes it.
    public init(_ url: URL) throws {
        self.url = url
        try FileManager.default.createDirectory(at: truth, withIntermediateDirectories: true)
    }

    /// Where the truth is.
    public var truth: URL { url.appendingPathComponent("truth", isDirectory: true) }

    /// Where images are.
    public var stimuli: URL { url.appendingPathComponent("stimuli", isDirectory: true) }

    /// The path of a run's image.
    public func image(_ run: SimulatedRun) -> URL {
        let settings = run.settings
        return url.appendingPathComponent("sub-\(settings.label)/\(Self.session(run))/func", isDirectory: true)
            .appendingPathComponent("sub-\(settings.label)_\(Self.session(run))_\(run.name)_bold.nii.gz")
    }

    /// The visit's BIDS name.
    public static func session(_ run: SimulatedRun) -> String { session(visit: run.visit) }

    /// A visit's BIDS name: `ses-01` for the first.
    public static func session(visit: Int) -> String { "ses-" + (visit < 10 ? "0" : "") + "\(visit)" }

    /// Writes a run and the truth behind it.
    ///
    /// - Parameters:
    ///   - run: The run.
    ///   - each: Is called with each volume and its place in the run, once it is written.
    /// - Throws: `NeuroimagingError`, `WeightsError`, or what the file system says.
    public func write(_ run: SimulatedRun, each: (_ place: Int, StoredVolume) throws -> Void = { _, _ in }) throws {
        let file = image(run)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        let stem = String(file.path.dropLast("_bold.nii.gz".count))
        let header = NIfTIHeader(
            grid: run.grid,
            volumes: run.positions.count,
            repetitionTime: run.repetitionTime,
            dataType: .int16
        )
        let writer = try NIfTIWriter(path: file.path, header: header)
        for place in run.positions.indices {
            let volume = try run.volume(place)
            try writer.append(volume)
            try each(place, volume)
        }
        try writer.finish()
        try json(
            [
                "RepetitionTime": run.settings.acquisition.repetitionTime, "TaskName": "viewing",
                "SliceTiming": run.sliceTimes, "Manufacturer": "Percept (simulated)",
            ],
            to: URL(fileURLWithPath: stem + "_bold.json")
        )
        try EventTable(run.events).write(to: URL(fileURLWithPath: stem + "_events.tsv"))
        try json(
            ["Name": "Simulated visual experiment", "BIDSVersion": "1.9.0", "DatasetType": "raw"],
            to: url.appendingPathComponent("dataset_description.json")
        )
        try writeTruth(run)
    }

    /// Writes the truth behind a run alone.
    public func writeTruth(_ run: SimulatedRun) throws {
        let areas = run.areas()
        try NIfTIWriter.write(areas, to: truth.appendingPathComponent("areas.nii.gz").path, dataType: .uint8)
        let mask = Volume(grid: areas.grid, voxels: areas.voxels.map { $0 > 0 ? 1 : 0 })
        try NIfTIWriter.write(mask, to: truth.appendingPathComponent("mask.nii.gz").path, dataType: .uint8)
        let text = run.settings.effective.map { "\($0.key): \($0.value)\n" }.joined()
        try Data(text.utf8).write(to: truth.appendingPathComponent("settings.txt"), options: .atomic)
        let sites = run.participant.sites
        let fields = sites.flatMap { site -> [Float] in
            guard let field = site.receptiveField else { return [.nan, .nan, .nan] }
            return [Float(field.centre.x), Float(field.centre.y), Float(field.deviation)]
        }
        try NPZ.write(
            [
                (
                    "positions", [sites.count, 3],
                    sites.flatMap { [$0.position.x, $0.position.y, $0.position.z].map(Float.init) }
                ),
                ("areas", [sites.count], sites.map { Float($0.area.rawValue) }),
                ("receptive_fields", [sites.count, 3], fields),
                ("response_peaks", [sites.count], sites.map { Float(run.participant.responsePeaks[$0.response]) }),
            ],
            to: truth.appendingPathComponent("sites.npz").path
        )
        let stem = "\(Self.session(run))_run-\(run.run)"
        let changes = run.positions.indices.flatMap { run.signalChange($0).map(Float.init) }
        try NPZ.write(
            [
                ("drive", [run.drive.count, sites.count], run.drive.flatMap { $0.map(Float.init) }),
                ("signal_change", [run.positions.count, sites.count], changes),
            ],
            to: truth.appendingPathComponent(stem + ".npz").path
        )
        let first = run.positions[0].affine.inverse ?? .identity
        try TabularFile(
            columns: ["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"],
            rows: run.positions.map { position in
                RigidMotion(position.affine * first).parameters.map { TabularFile.text($0) }
            }
        )
        .write(to: truth.appendingPathComponent(stem + "_motion.tsv"))
    }

    private func json(_ object: [String: Any], to file: URL) throws {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try JSONSerialization.data(withJSONObject: object, options: options).write(to: file, options: .atomic)
    }
}
