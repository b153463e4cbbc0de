extension TrainingRecipe {
    /// The values of a preset.
    public init(preset: Preset) {
        // Every stored property has a default; a preset replaces some.
        self = Self.blank
        self.preset = preset
        usePublishedSettings()
        switch preset {
        case .reference: break
        case .referenceEffective: useEffectiveSettings()
        case .compact: useCompactSettings()
        }
    }

    private mutating func usePublishedSettings() {
        patterns.standardization = .matrix
        autoencoder.optimization = OptimizationRecipe(
            epochs: 50,
            batch: 8,
            learningRate: 0.0000045,
            schedule: .constant,
            weightDecay: 0,
            secondDecay: 0.9,
            clip: 0
        )
        imageModel.optimization = OptimizationRecipe(
            epochs: 178,
            batch: 64,
            learningRate: 0.000064,
            schedule: .constant,
            weightDecay: 0.01,
            secondDecay: 0.999,
            clip: 0
        )
        pretraining.optimization = OptimizationRecipe(epochs: 140, batch: 250, learningRate: 0.00025, warmup: 40)
        imageAutoencoder.optimization = OptimizationRecipe(
            epochs: 1600,
            batch: 4096,
            learningRate: 0.0024,
            warmup: 40,
            clip: 0
        )
        crossModal.optimization = OptimizationRecipe(epochs: 60, batch: 16, learningRate: 0.000053, warmup: 2)
        diffusionTuning.optimization = OptimizationRecipe(
            epochs: 500,
            batch: 5,
            learningRate: 0.000053,
            schedule: .constant,
            weightDecay: 0.01,
            secondDecay: 0.999,
            clip: 0.5
        )
        distillation.optimization = OptimizationRecipe(
            epochs: 10,
            batch: 8,
            learningRate: 0.00001,
            schedule: .constant,
            weightDecay: 0,
            secondDecay: 0.999,
            clip: 1
        )
    }

    private mutating func useEffectiveSettings() {
        pretraining.objective = .referenceEffective
        crossModal.trainsDecoderPositions = true
        diffusionTuning.selection = .reference
        diffusionTuning.optimization.batch = 2
    }

    private mutating func useCompactSettings() {
        imageSize = 32
        patterns.standardization = .voxel
        autoencoder.channels = 32
        autoencoder.multipliers = [1, 2, 2]
        autoencoder.blocks = 1
        autoencoder.codes = 512
        autoencoder.optimization = OptimizationRecipe(
            epochs: 4,
            batch: 16,
            learningRate: 0.001,
            warmup: 0.1,
            weightDecay: 0,
            clip: 1,
            average: 0.999
        )
        imageModel.channels = 64
        imageModel.multipliers = [1, 2]
        imageModel.blocks = 1
        imageModel.attention = [1, 2]
        imageModel.heads = 4
        imageModel.contextWidth = 64
        imageModel.optimization = OptimizationRecipe(
            epochs: 30,
            batch: 64,
            learningRate: 0.001,
            warmup: 0.5,
            weightDecay: 0,
            secondDecay: 0.99,
            clip: 1,
            average: 0.999
        )
        pretraining.width = 64
        pretraining.depth = 2
        pretraining.heads = 4
        pretraining.decoderWidth = 32
        pretraining.decoderDepth = 1
        pretraining.decoderHeads = 4
        pretraining.optimization = OptimizationRecipe(epochs: 5, batch: 32, learningRate: 0.001, warmup: 0.5)
        imageAutoencoder.imageSize = 32
        imageAutoencoder.patchSize = 4
        imageAutoencoder.width = 64
        imageAutoencoder.depth = 3
        imageAutoencoder.heads = 4
        imageAutoencoder.decoderWidth = 32
        imageAutoencoder.decoderDepth = 1
        imageAutoencoder.decoderHeads = 4
        imageAutoencoder.optimization = OptimizationRecipe(epochs: 10, batch: 64, learningRate: 0.001, warmup: 0.5)
        crossModal.decoderDepth = 1
        crossModal.crossDepth = 1
        crossModal.optimization = OptimizationRecipe(epochs: 10, batch: 32, learningRate: 0.001, warmup: 0.5)
        diffusionTuning.tokens = 16
        diffusionTuning.selection = .everything
        diffusionTuning.cropShare = 0
        diffusionTuning.optimization = OptimizationRecipe(
            epochs: 30,
            batch: 32,
            learningRate: 0.001,
            warmup: 0.5,
            weightDecay: 0.01,
            secondDecay: 0.99,
            clip: 1,
            average: 0.999
        )
    }
}
