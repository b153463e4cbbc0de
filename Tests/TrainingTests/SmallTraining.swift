import Foundation
import Images
import Settings
import Tensors
import Training

/// A training that takes a second: 8×8 images of bars, and responses that depend on them.
enum SmallTraining {
    static let recipe = """
        preset: compact
        imageSize: 8
        validationShare: 0.2
        patterns: {patchSize: 4}
        simulation: {share: 0.5, components: 3, ridge: 1}
        augmentation: {shift: 0.5, versions: 2}
        autoencoder:
          multipliers: [1, 2]
          blocks: 1
          codes: 16
          optimization: {epochs: 2, batch: 8}
        imageModel:
          channels: 32
          multipliers: [1]
          attention: [1]
          contextWidth: 16
          optimization: {epochs: 2, batch: 8}
        pretraining:
          width: 16
          depth: 1
          heads: 2
          decoderWidth: 8
          decoderHeads: 2
          optimization: {epochs: 2, batch: 8}
        imageAutoencoder:
          imageSize: 8
          patchSize: 4
          width: 16
          depth: 1
          heads: 2
          decoderWidth: 8
          decoderHeads: 2
          optimization: {epochs: 2, batch: 8}
        crossModal:
          optimization: {epochs: 2, batch: 8, average: 0.9}
        diffusionTuning:
          tokens: 4
          optimization: {epochs: 3, batch: 8, validateEvery: 1}
        """

    static func recipe(_ overrides: String...) throws -> TrainingRecipe {
        try TrainingRecipe(yaml: recipe, file: "small.yaml", overrides: overrides)
    }

    /// Bars of two directions at random places, with their class.
    static func images(_ count: Int, seed: UInt64) -> StimulusSet {
        var random = RandomNumbers(seed: seed, purpose: "bars")
        var classes: [Int] = []
        let images = (0..<count).map { index -> Image8 in
            let isVertical = index % 2 == 0
            classes.append(isVertical ? 0 : 1)
            let place = 1 + random.integer(below: 5)
            var image = Image8(height: 8, width: 8)
            for y in 0..<8 {
                for x in 0..<8 where (place...place + 1).contains(isVertical ? x : y) {
                    for channel in 0..<3 { image.bytes[(y * 8 + x) * 3 + channel] = 255 }
                }
            }
            return image
        }
        return StimulusSet(
            images: images,
            names: images.indices.map { "bar-\($0)" },
            classes: classes,
            classNames: ["vertical", "horizontal"]
        )
    }

    /// Responses of 10 voxels, each to the brightness of a part of the image, with noise.
    static func pairs(_ count: Int = 20, seed: UInt64 = 1) -> StimulusResponses {
        let stimuli = images(count, seed: seed)
        var random = RandomNumbers(seed: seed, purpose: "responses")
        let values = stimuli.images.flatMap { image in
            (0..<10).map { voxel -> Float in
                let bright = (0..<8).reduce(0) { sum, index in
                    sum + Int(voxel < 5 ? image[index, voxel + 1, 0] : image[voxel - 4, index, 0])
                }
                return Float(bright) / 255 + 0.3 * random.normalPair().0 + 4
            }
        }
        return StimulusResponses(
            responses: ResponseMatrix(rows: count, columns: 10, values: values),
            imageIndices: Array(0..<count),
            stimuli: stimuli
        )
    }

    /// A chain in a folder that `report` watches.
    static func chain(
        _ recipe: TrainingRecipe,
        in folder: URL,
        checkpointInterval: Double = 30,
        memory: Int? = nil,
        report: @escaping @Sendable (TrainingProgress) throws -> Void = { _ in }
    ) throws -> TrainingChain {
        var options = TrainingChain.Options(folder: folder)
        options.report = report
        options.checkpointInterval = checkpointInterval
        if let memory { options.memory = memory }
        return try TrainingChain(recipe: recipe, pairs: pairs(), prior: images(24, seed: 7), options: options)
    }
}
