import Tensors

/// Makes what is timed, with random weights and inputs.
enum Workloads {
    /// A subject at full size.
    static func random(_ subject: BenchmarkSubject) -> any Workload {
        var random = RandomNumbers(seed: 1, purpose: "benchmark input")
        let latent = [1, 3, 64, 64]
        let context = [1, 77, 512]
        switch subject {
        case .unet:
            let workload = UNetWorkload(
                latents: random.normal(latent),
                timesteps: [501],
                context: random.normal(context)
            )
            RandomWeights.fill(workload.store)
            return workload
        case .autoencoder:
            let workload = AutoencoderWorkload(latents: random.normal(latent), quantizes: true)
            RandomWeights.fill(workload.store)
            return workload
        case .unetTraining:
            let workload = UNetTrainingWorkload(
                latents: random.normal(latent),
                timesteps: [501],
                context: random.normal(context),
                noise: random.normal(latent)
            )
            RandomWeights.fill(workload.store)
            return workload
        case .fmri:
            let workload = FMRIWorkload(patterns: random.normal([1, 1, 4656]))
            RandomWeights.fill(workload.store)
            return workload
        case .maskedAutoencoderTraining:
            let batch = BenchmarkSizes.maskedAutoencoderBatch
            let patches = MaskedAutoencoderWorkload.configuration.patches
            let noise = (random.uniform([batch, patches]), random.uniform([batch, patches]))
            let workload = MaskedAutoencoderWorkload(patterns: random.normal([batch, 1, 4656]), noise: noise)
            RandomWeights.fill(workload.store)
            return workload
        case .crossModalTraining:
            let batch = BenchmarkSizes.crossModalBatch
            let side = CrossModalWorkload.image.imageSize
            let workload = CrossModalWorkload(
                patterns: random.normal([batch, 1, 4656]),
                images: random.normal([batch, side, side, 3]),
                noise: (
                    random.uniform([batch, CrossModalWorkload.fmri.patches]),
                    random.uniform([batch, CrossModalWorkload.image.patches])
                )
            )
            RandomWeights.fill(workload.model.fmriStore)
            RandomWeights.fill(workload.model.imageStore)
            return workload
        case .diffusionTuning:
            let workload = DiffusionTuningWorkload(
                images: random.uniform([1, 256, 256, 3], in: -1...1),
                patterns: random.normal([1, 1, 4656]),
                timesteps: [501],
                noise: random.normal([1, 64, 64, 3])
            )
            RandomWeights.fill(workload.model.store)
            return workload
        case .endToEnd(let steps):
            let workload = EndToEndWorkload(steps: steps)
            RandomWeights.fill(workload.decoder.store)
            return workload
        }
    }
}
