/// What is timed, at the full size of the published models.
public enum BenchmarkSubject: Sendable, Equatable, Hashable {
    /// One call of the denoising UNet: latent 64×64, 77 context tokens.
    case unet
    /// Decoding one latent to 256×256 pixels, code search included.
    case autoencoder
    /// The fMRI encoder with its mappers, 4656 voxels.
    case fmri
    /// From a voxel pattern to an image with so many steps.
    case endToEnd(steps: Int)
    /// A training step of the double-contrastive masked autoencoder at batch 8.
    case maskedAutoencoderTraining
    /// A training step of cross-modal tuning at batch 4.
    case crossModalTraining
    /// Forward and backward pass of the UNet with gradients of all its weights.
    case unetTraining
    /// A training step of the third phase at batch 1, all of it: encoding the image, both networks, clipping, AdamW.
    case diffusionTuning

    /// The training steps of the three phases.
    public static let trainingNames = ["mae-train", "phase2-train", "phase3-train"]

    /// The names that the command line knows, in the order in which they are run.
    public static let names = [
        "unet", "vq", "fmri", "end-to-end", "mae-train", "phase2-train", "unet-train", "phase3-train",
    ]

    /// The subjects of a name: one for each number of steps where steps matter, else one; none for an unknown name.
    public static func named(_ name: String, steps: [Int]) -> [BenchmarkSubject] {
        switch name {
        case "unet": [.unet]
        case "vq": [.autoencoder]
        case "fmri": [.fmri]
        case "end-to-end": steps.map { .endToEnd(steps: $0) }
        case "mae-train": [.maskedAutoencoderTraining]
        case "phase2-train": [.crossModalTraining]
        case "unet-train": [.unetTraining]
        case "phase3-train": [.diffusionTuning]
        default: []
        }
    }

    /// The name on the command line.
    public var name: String {
        switch self {
        case .unet: "unet"
        case .autoencoder: "vq"
        case .fmri: "fmri"
        case .endToEnd: "end-to-end"
        case .maskedAutoencoderTraining: "mae-train"
        case .crossModalTraining: "phase2-train"
        case .unetTraining: "unet-train"
        case .diffusionTuning: "phase3-train"
        }
    }

    /// The sampler steps, where they matter.
    public var steps: Int? {
        if case .endToEnd(let steps) = self { steps } else { nil }
    }

    /// What is done, in words.
    public var title: String {
        switch self {
        case .unet: "UNet step"
        case .autoencoder: "VQ-f4 decode"
        case .fmri: "fMRI encoder"
        case .endToEnd(let steps): "end to end, \(steps) steps"
        case .maskedAutoencoderTraining: "phase-1 training step, batch \(BenchmarkSizes.maskedAutoencoderBatch)"
        case .crossModalTraining: "phase-2 training step, batch \(BenchmarkSizes.crossModalBatch)"
        case .unetTraining: "UNet forward and backward"
        case .diffusionTuning: "phase-3 training step, batch 1"
        }
    }

    /// The floating-point operations of one run with direct convolutions, a multiply-add counted as two.
    ///
    /// A backward pass counts as two forward passes where all weights are trained. The forward counts come from walking
    /// the networks' layers.
    public var operations: Double {
        let unet = 211.036e9
        let encoder = 96.403e9
        let autoencoder = 670.783e9
        switch self {
        case .unet: return unet
        case .autoencoder: return autoencoder
        case .fmri: return encoder
        case .endToEnd(let steps): return encoder + Double(steps) * unet + autoencoder
        case .maskedAutoencoderTraining: return Double(BenchmarkSizes.maskedAutoencoderBatch) * 2 * 3 * 31.405e9
        case .crossModalTraining:
            // The image encoder is frozen: its passes are forward only, 35.1 G for the context and 17.2 G of the 34.3 G
            // of the reconstruction.
            let trained = 34.641e9 + 96.572e9 + 17.1e9
            return Double(BenchmarkSizes.crossModalBatch) * (3 * trained + 35.126e9 + 17.2e9)
        case .unetTraining: return 3 * unet
        case .diffusionTuning:
            // Encoding runs forward only; of the UNet nearly no weights are trained, but the gradient passes through all
            // of it on its way to the encoder.
            return 345.2e9 + 3 * encoder + 2 * unet
        }
    }
}

/// The sizes that the published models do not fix.
enum BenchmarkSizes {
    static let maskedAutoencoderBatch = 8
    static let crossModalBatch = 4
}
