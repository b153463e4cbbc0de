import Foundation
import Neuroimaging
import Preprocessing

/// A run's volumes and trials after processing.
struct PreprocessedRun {
    private(set) var volumes: [ProcessedVolume] = []
    private(set) var trials: [TrialPattern] = []
    let statistics: [VoxelStatistics]?
    let session: MotionEstimate?
    let firstVolume: Volume
    let seconds: Double

    /// Processes every volume; `whole` is where the volumes in model space go.
    init(_ run: AcquiredRun, _ inputs: PreprocessInputs, _ kernels: VolumeKernels, volumes whole: String?) throws {
        var processor = try VolumeProcessor(
            configuration: inputs.configuration,
            mask: inputs.mask,
            reference: inputs.reference,
            statistics: inputs.statistics,
            kernels: kernels
        )
        for event in inputs.events { try processor.present(event) }
        let writer = try whole.map { path in
            try NIfTIWriter(
                path: path,
                header: NIfTIHeader(
                    grid: inputs.mask.grid,
                    volumes: run.count,
                    repetitionTime: inputs.configuration.repetitionTime
                )
            )
        }
        let progress = ProgressLine("preprocess", unit: "volumes", total: run.count)
        var first: Volume?
        var spent = Duration.zero
        for place in 0..<run.count {
            let volume = try run.volume(place)
            if first == nil { first = volume }
            let processed = try volume.voxels.withUnsafeBufferPointer {
                try processor.process(.float($0), grid: volume.grid, number: run.numbers[place])
            }
            spent += processed.timings.total
            if let writer { try writer.append(processor.resampledVolume(motion: processed.motion)) }
            trials += processed.trials
            volumes.append(processed)
            progress.update(place + 1)
        }
        try writer?.finish()
        guard let first else { throw CommandFailure(.noInput, "\(run.path): has no volume") }
        firstVolume = first
        trials += try processor.finish()
        statistics = processor.statistics
        session = processor.session
        seconds = spent.seconds
    }

    /// What came out, in a few lines.
    var summary: String {
        let flagged = volumes.filter { !$0.quality.isUsable }.count
        let displacements = volumes.dropFirst().map(\.quality.framewiseDisplacement)
        let mean = displacements.reduce(0, +) / Double(max(1, displacements.count))
        let final = trials.filter(\.isFinal)
        var lines = [
            "\(volumes.count) volumes, \(flagged) not used; \(volumes.first?.values.count ?? 0) voxels",
            String(
                format: "framewise displacement %.3f mm on average, %.3f at most; temporal SNR %.1f",
                mean,
                displacements.max() ?? 0,
                volumes.last?.quality.temporalSignalToNoise ?? 0
            ),
            "\(final.count) trials, \(final.filter { !$0.isReliable }.count) doubtful",
            String(format: "%.1f ms per volume", 1000 * seconds / Double(max(1, volumes.count))),
        ]
        if let session {
            lines.insert(
                String(
                    format: "aligned to the reference: %.1f mm, %.1f°, correlation %.3f (%@)",
                    (session.motion.translation * session.motion.translation).sum().squareRoot(),
                    session.motion.angle * 180 / .pi,
                    session.correlation,
                    session.verdict.rawValue
                ),
                at: 1
            )
        }
        return lines.joined(separator: "\n")
    }
}
