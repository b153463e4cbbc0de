import ArgumentParser
import Foundation
import Live
import Neuroimaging
import Preprocessing

/// What a run is processed with: settings, region, reference, statistics and events.
struct PreprocessInputs {
    let configuration: ProcessingConfiguration
    let mask: Mask
    let reference: Volume?
    let statistics: [VoxelStatistics]
    let events: [StimulusEvent]

    init(_ command: PreprocessCommand, _ run: AcquiredRun) throws {
        let bundle = command.bundle.map { PreprocessingFolder(URL(fileURLWithPath: $0)) }
        let stored =
            try command.options.settings.map { try PreprocessingFolder.Settings(contentsOf: URL(fileURLWithPath: $0)) }
            ?? bundle?.settings()
        guard let repetitionTime = command.options.tr ?? run.repetitionTime ?? stored?.configuration.repetitionTime
        else {
            throw CommandFailure(.usage, "\(run.path): does not say the time between volumes; give --tr")
        }
        var configuration =
            stored?.configuration ?? ProcessingConfiguration(repetitionTime: repetitionTime, plannedVolumes: 2)
        configuration.repetitionTime = repetitionTime
        // As live: what comes of a volume depends on how long the run was to be.
        configuration.plannedVolumes = max(2, run.plannedVolumes ?? 0, (run.numbers.last ?? 0) + 1)
        try command.options.apply(to: &configuration)
        if let path = command.options.regressors {
            configuration.confounds.planned = try Self.regressors(path)
        }
        self.configuration = configuration

        let order = command.order.flatMap { Mask.Order(rawValue: $0) } ?? stored?.order ?? .anatomical
        guard let maskPath = command.mask ?? bundle?.existing("mask.nii.gz") else {
            throw CommandFailure(.noInput, "\(command.bundle ?? ""): has no mask.nii.gz; give --mask")
        }
        reference = try (command.reference ?? bundle?.existing("reference.nii.gz")).map {
            try NIfTIReader(path: $0).volume(0)
        }
        var mask: Mask
        if maskPath == "auto" {
            mask = try Mask(brightVoxelsOf: reference ?? run.volume(0), order: order)
        } else {
            mask = try Mask(NIfTIReader(path: maskPath).volume(0), order: order)
        }
        // A region lies on its reference, or else on the run itself.
        let space = reference?.grid ?? run.grid
        if reference == nil, !mask.grid.matches(space, tolerance: 0.1) {
            let before = mask.count
            mask = try mask.resampled(to: space)
            StandardError.write(
                "percept: the mask lies on another grid; resampled from \(before) to \(mask.count) voxels\n"
            )
        }
        self.mask = mask
        statistics = try bundle?.statistics(voxels: mask.count) ?? []

        if let path = command.events {
            events = try EventTable(contentsOf: URL(fileURLWithPath: path)).events
        } else {
            events = try BIDSFile(URL(fileURLWithPath: run.path))?.events()?.events ?? []
        }
    }

    private static func regressors(_ path: String) throws -> [ConfoundColumn] {
        let table = try TabularFile(contentsOf: URL(fileURLWithPath: path))
        return try table.columns.indices.map { column in
            ConfoundColumn(name: table.columns[column], values: try table.numbers(column))
        }
    }
}
