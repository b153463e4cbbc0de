import Decoder
import Images
import Neural
import Tensors

/// Latents of images in a few changed forms, encoded once, with the features that simulated responses depend on.
///
/// With no versions, images are drawn and encoded anew each time.
final class LatentCache {
    private let material: TrainingMaterial
    private let autoencoder: VQAutoencoder
    private let positions: [Int]
    private let versions: Int
    private let needsFeatures: Bool
    private var latents: [Tensor] = []
    private var features: [[Float]] = []

    /// Prepares for the prior images at `positions`.
    init(_ material: TrainingMaterial, _ autoencoder: VQAutoencoder, positions: [Int], needsFeatures: Bool) {
        self.material = material
        self.autoencoder = autoencoder
        self.positions = positions
        self.needsFeatures = needsFeatures
        let recipe = material.recipe.augmentation
        versions = material.changesImages ? recipe.versions : max(recipe.versions, 1)
    }

    /// The latent `[h, w, c]` and the features of a form of an image, chosen at random.
    func draw(_ item: Int, random: inout RandomNumbers) -> (latent: Tensor, features: [Float]) {
        guard versions > 0 else {
            let image = material.augmented(positions[item], random: &random)
            return (encode([image])[0], needsFeatures ? material.features(of: image) : [])
        }
        fill()
        let place = item * versions + (versions > 1 ? random.integer(below: versions) : 0)
        return (latents[place], needsFeatures ? features[place] : [])
    }

    private func fill() {
        guard latents.isEmpty else { return }
        let places = Array(0..<positions.count * versions)
        for start in stride(from: 0, to: places.count, by: 64) {
            let images = places[start..<min(start + 64, places.count)].map { place in
                var random = RandomNumbers(
                    seed: material.recipe.seedOfImagePhases,
                    purpose: "versions of images",
                    index: UInt64(positions[place / versions] * versions + place % versions)
                )
                return material.augmented(positions[place / versions], random: &random)
            }
            latents += encode(images)
            if needsFeatures { features += images.map(material.features) }
        }
    }

    private func encode(_ images: [Tensor]) -> [Tensor] { LatentCache.encode(images, autoencoder) }

    /// The unquantised latents of images `[H, W, 3]` in −1…1.
    static func encode(_ images: [Tensor], _ autoencoder: VQAutoencoder) -> [Tensor] {
        guard !images.isEmpty else { return [] }
        let latents = GradientRecording.disabled { autoencoder.encode(Variable(stacked(images))).value }
        return (0..<images.count).map { latents.rows($0..<$0 + 1).reshaped(Array(latents.shape.dropFirst())) }
    }
}

/// Tensors of one shape, one below the other.
func stacked(_ parts: [Tensor]) -> Tensor {
    let shape = parts.first?.shape ?? []
    let result = Tensor(uninitialized: [parts.count] + shape)
    for (place, part) in parts.enumerated() {
        (result.pointer + place * part.count).update(from: part.pointer, count: part.count)
    }
    return result
}
