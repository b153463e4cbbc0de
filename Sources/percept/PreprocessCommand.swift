import ArgumentParser
import Foundation
import Neuroimaging
import Preprocessing
import Tensors

struct PreprocessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preprocess",
        abstract: "Turn a recorded run into voxel patterns, as live decoding does.",
        discussion: """
            The run is a NIfTI file or a folder of DICOM files. Each volume is processed with what is known up to it. \
            Written are the region's time courses and the responses to the events (patterns.npz), their list \
            (trials.tsv), motion and quality (motion.tsv, quality.tsv, quality.png), the confound regressors \
            (confounds.tsv), and what the next run needs to be processed alike: preprocessing.json, mask.nii.gz, \
            reference.nii.gz and statistics.npz. The folder can be given to --bundle for that.
            """
    )

    @Argument(help: "The run: a NIfTI file, or a folder of DICOM files.")
    var run: String

    @Option(help: "A decoder bundle or an earlier output: mask, reference, settings and statistics.")
    var bundle: String?

    @Option(help: "The region: a NIfTI file whose voxels other than zero belong to it, or auto for all bright voxels.")
    var mask: String?

    @Option(help: "The volume that the mask lies on, if it is not the run's first: a NIfTI file.")
    var reference: String?

    @Option(help: "The events: a BIDS events.tsv; by default the one beside a NIfTI run.")
    var events: String?

    @Option(help: "The folder to write.")
    var out: String

    @Option(help: "Which series of a DICOM folder, by its number.")
    var series: Int?

    @Option(help: "The order of a pattern's voxels: anatomical or nilearn.")
    var order: String?

    @Option(help: "Threads; by default one per processor.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Also write the whole volumes in the space of the mask.")
    var volumes = false

    @OptionGroup(title: "Settings")
    var options: PreprocessOptions

    func validate() throws {
        guard bundle != nil || mask != nil else { throw ValidationError("Give --mask, or --bundle, which has one.") }
        guard threads >= 1, threads <= 1024 else { throw ValidationError("--threads must be from 1 to 1024.") }
        guard order == nil || Mask.Order(rawValue: order ?? "") != nil else {
            throw ValidationError("--order takes anatomical or nilearn.")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let acquired = try AcquiredRun(path: run, seriesNumber: series)
            for warning in acquired.warnings.prefix(10) { StandardError.write("percept: \(warning)\n") }
            if acquired.warnings.count > 10 {
                StandardError.write("percept: \(acquired.warnings.count - 10) more warnings of this kind\n")
            }
            let inputs = try PreprocessInputs(self, acquired)
            let kernels = VolumeKernels(pool: ThreadPool(threads: threads))
            let output = PreprocessOutput(folder: URL(fileURLWithPath: out))
            try output.create()
            let record = try PreprocessedRun(acquired, inputs, kernels, volumes: volumes ? output.volumes : nil)
            try output.write(record, inputs)
            print(record.summary)
        }
    }
}
