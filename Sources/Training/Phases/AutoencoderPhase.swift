import Decoder
import Neural
import Settings
import Tensors

/// Trains the vector-quantising autoencoder on images: squared error and the codebook's loss.
///
/// The first part runs without quantisation; the codes then start at typical latents (k-means), so that none is dead
/// from the beginning. There is no adversarial or perceptual loss: images are as sharp as the squared error makes them.
final class AutoencoderPhase: TrainingPhase {
    let name = "autoencoder"
    let autoencoder: VQAutoencoder
    private let store: ParameterStore
    private let material: TrainingMaterial
    private let recipe: AutoencoderRecipe
    private let optimizer: AdamW
    private var quantizes = false

    init(_ material: TrainingMaterial, configuration: VQAutoencoderConfiguration) {
        self.material = material
        recipe = material.recipe.autoencoder
        store = ParameterStore(seed: material.recipe.seedOfImagePhases)
        autoencoder = VQAutoencoder(configuration, store.root)
        store.train { _ in true }
        optimizer = AdamW(recipe.optimization, store.trainable)
    }

    var itemCount: Int { material.prior.count }
    var networks: [(name: String, store: ParameterStore)] { [("autoencoder", store)] }
    var optimizers: [(name: String, optimizer: AdamW)] { [("autoencoder", optimizer)] }
    var trained: [Parameter] { store.trainable }

    func begin(step: Int, of steps: Int) {
        let start = Int(recipe.quantizeFrom * Double(steps))
        if step == start { initializeCodes() }
        quantizes = step >= start
    }

    func loss(of items: [Int], random: inout RandomNumbers) -> PhaseLoss {
        let images = Variable(material.priorImages(items, random: &random))
        let latents = autoencoder.encode(images)
        guard quantizes else {
            let error = meanSquaredError(autoencoder.decode(latents, quantizes: false), images)
            return PhaseLoss(total: error, values: [("pixels", Double(error.value.item))])
        }
        let quantized = autoencoder.quantize(latents)
        let error = meanSquaredError(autoencoder.decode(quantized.latents, quantizes: false), images)
        let used = Set(quantized.indices).count
        return PhaseLoss(
            total: error + quantized.loss,
            values: [
                ("pixels", Double(error.value.item)), ("codebook", Double(quantized.loss.value.item)),
                ("codes in a batch", Double(used)),
            ]
        )
    }

    /// k-means over the latents of some images, from latents that are drawn at random.
    private func initializeCodes() {
        var random = RandomNumbers(seed: material.recipe.seedOfImagePhases, purpose: "codes")
        let channels = autoencoder.codebook.embedding.shape[1]
        let codes = autoencoder.codebook.embedding.shape[0]
        let order = EpochOrder.permutation(itemCount, seed: material.recipe.seedOfImagePhases, purpose: "codes order")
        var latents: [Float] = []
        for start in stride(from: 0, to: min(order.count, 1024), by: 64) where latents.count < 256 * codes * channels {
            let items = Array(order[start..<min(start + 64, order.count)])
            let images = material.priorImages(items, random: &random)
            latents += GradientRecording.disabled { autoencoder.encode(Variable(images)).value.elements }
        }
        let rows = Tensor(latents, shape: [latents.count / channels, channels])
        let table = Tensor(uninitialized: [codes, channels])
        for code in 0..<codes {
            let row = random.integer(below: rows.shape[0])
            // A little apart, should the same latent be drawn twice.
            for channel in 0..<channels {
                table.pointer[code * channels + channel] =
                    rows.pointer[row * channels + channel] + 1e-4 * random.normalPair().0
            }
        }
        for _ in 0..<8 {
            autoencoder.codebook.embedding.value = table.copy()
            let assigned = autoencoder.codebook.indices(rows)
            var sums = [Double](repeating: 0, count: codes * channels)
            var counts = [Int](repeating: 0, count: codes)
            for (row, code) in assigned.enumerated() {
                counts[code] += 1
                for channel in 0..<channels {
                    sums[code * channels + channel] += Double(rows.pointer[row * channels + channel])
                }
            }
            for code in 0..<codes where counts[code] > 0 {
                for channel in 0..<channels {
                    table.pointer[code * channels + channel] =
                        Float(sums[code * channels + channel] / Double(counts[code]))
                }
            }
        }
        autoencoder.codebook.embedding.value = table
    }

    /// Shifts and scales the latents to mean 0 in every channel and deviation 1 over all, without a change of any image:
    /// the diffusion model expects such latents.
    func normalizeLatents() {
        var random = RandomNumbers(seed: material.recipe.seedOfImagePhases, purpose: "latent statistics")
        let channels = autoencoder.codebook.embedding.shape[1]
        var (sums, squares, count) = (
            [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels), 0.0
        )
        for start in stride(from: 0, to: min(itemCount, 2048), by: 64) {
            let items = Array(start..<min(start + 64, itemCount))
            let images = material.priorImages(items, random: &random)
            let latents = GradientRecording.disabled { autoencoder.encode(Variable(images)).value }
            for index in 0..<latents.count {
                let value = Double(latents.pointer[index])
                sums[index % channels] += value
                squares[index % channels] += value * value
            }
            count += Double(latents.count / channels)
        }
        let means = sums.map { $0 / count }
        let variances = zip(squares, means).map { $0 / count - $1 * $1 }
        let deviation = max((variances.reduce(0, +) / Double(channels)).squareRoot(), 1e-6)
        autoencoder.rescaleLatents(means: means.map(Float.init), deviation: Float(deviation))
    }
}

extension AdamW {
    /// An optimiser as a recipe wants it; biases and parameters of one axis do not decay.
    convenience init(_ recipe: OptimizationRecipe, _ parameters: [Parameter]) {
        self.init(
            groups: AdamW.decayGroups(parameters, weightDecay: Float(recipe.weightDecay)),
            betas: (Float(recipe.firstDecay), Float(recipe.secondDecay))
        )
    }
}
