import Decoder
import Foundation
import Tensors

/// What images were made of: the file `decode.json` beside them.
struct DecodeRecord: Encodable {
    struct Bundle: Encodable {
        var path: String
        var weightsHash: String
        var sources: [BundleManifest.Source]
        var needsFineTuning: Bool
    }

    struct Patterns: Encodable {
        var path: String
        var key: String?
        var sha256: String
        var count: Int
        var voxels: Int
    }

    struct Sampling: Encodable {
        var method: String
        var steps: Int
        var timesteps: [Int]
        var spacing: String
        var eta: Float
        var seed: UInt64
        var samples: Int
    }

    struct Machine: Encodable {
        var threads: Int
        var instructionSet: String
    }

    var program: String
    var createdAt: Date
    var bundle: Bundle
    var patterns: Patterns
    var sampling: Sampling
    var machine: Machine
    var images: [DecodeRun.Image]

    init(
        bundle: DecoderBundle,
        source: PatternSource,
        settings: DecodeSettings,
        run: DecodeRun,
        images: [DecodeRun.Image]
    ) {
        program = Percept.creator
        createdAt = Date()
        self.bundle = Bundle(
            path: bundle.folder.path,
            weightsHash: bundle.manifest.weightsHash,
            sources: bundle.manifest.provenance.sources,
            needsFineTuning: bundle.manifest.provenance.needsFineTuning
        )
        patterns = Patterns(
            path: source.path,
            key: source.key,
            sha256: source.digest,
            count: source.count,
            voxels: bundle.manifest.voxels
        )
        sampling = Sampling(
            method: settings.method.rawValue,
            steps: settings.steps,
            timesteps: run.schedule.timesteps,
            spacing: settings.effectiveSpacing.rawValue,
            eta: settings.eta,
            seed: settings.seed,
            samples: settings.samples
        )
        machine = Machine(threads: Engine.current.threads, instructionSet: Engine.current.instructionSet.rawValue)
        self.images = images
    }
}
