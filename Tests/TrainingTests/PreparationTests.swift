import Decoder
import Foundation
import Images
import Settings
import Tensors
import Testing

@testable import Training

@Suite("Preparation of training data")
struct PreparationTests {
    @Test("Principal components find the directions of a covariance that is known")
    func principalComponents() {
        // Three orthogonal directions with deviations 5, 2 and 1 in 12 dimensions.
        var random = RandomNumbers(seed: 3, purpose: "rows")
        let (n, d) = (4000, 12)
        let rows = Tensor(zeros: [n, d])
        for row in 0..<n {
            for (axis, deviation) in [(2, Float(5)), (7, 2), (11, 1)] {
                rows.pointer[row * d + axis] = deviation * random.normalPair().0 + 3
            }
        }
        let components = PrincipalComponents(of: rows, count: 3, seed: 1)
        for (component, axis) in [2, 7, 11].enumerated() {
            #expect(abs(abs(components.directions.pointer[component * d + axis]) - 1) < 0.01)
        }
        for (variance, truth) in zip(components.variances, [25, 4, 1] as [Float]) {
            #expect(abs(variance / truth - 1) < 0.1)
        }
        let first = rows.rows(0..<1)
        let whitened = components.whitened(first.pointer)
        #expect(abs(abs(whitened[0]) - abs(first.pointer[2] - components.mean[2]) / 5) < 0.05)
    }

    @Test("An encoding model without penalty finds the weights that made noiseless responses")
    func encodingModel() {
        var random = RandomNumbers(seed: 4, purpose: "model")
        let (n, k, voxels) = (30, 3, 5)
        let truth = random.normal([k, voxels])
        let features = (0..<n).map { _ in (0..<k).map { _ in random.normalPair().0 } }
        let responses = matrixMultiply(Tensor(features.flatMap { $0 }, shape: [n, k]), truth)
        let model = EncodingModel(
            features: features,
            responses: responses,
            options: .init(ridge: 1e-6, correlatedNoise: 0.5, noiseScale: 1)
        )
        for index in 0..<truth.count { #expect(abs(model.weights.pointer[index] - truth.pointer[index]) < 1e-3) }
        #expect(model.deviations.allSatisfy { $0 < 1e-3 })
    }

    @Test("Voxels that follow the same features stand at the same place of every patch, whatever their order was")
    func alignedVoxels() {
        // Four kinds of voxels, five of each and a sixth of three kinds, dealt round in turn; a patch has four voxels.
        let kinds: [[Float]] = [[3, 0, 0], [-3, 0.5, 0], [0, 2, 1], [0, -2, 1]]
        let (k, count) = (3, 23)
        var random = RandomNumbers(seed: 8, purpose: "weights")
        let weights = random.normal([k, count], deviation: 0.1)
        for voxel in 0..<count {
            for feature in 0..<k { weights.pointer[feature * count + voxel] += kinds[voxel % 4][feature] }
        }
        let order = VoxelOrder.aligned(Array(0..<20), weights: weights, patchSize: 4, seed: 1)
        #expect(order.sorted() == Array(0..<20))
        for place in 0..<4 {
            #expect(Set(stride(from: place, to: 20, by: 4).map { order[$0] % 4 }).count == 1)
        }
        // The last patch is not full: nothing is lost.
        let uneven = VoxelOrder.aligned(Array(0..<count), weights: weights, patchSize: 4, seed: 1)
        #expect(uneven.sorted() == Array(0..<count))
    }

    @Test("Voxels that are all alike, or fewer than a patch has places, are ordered without losing one")
    func orderWithoutKinds() {
        for (count, patchSize) in [(10, 4), (3, 5), (1, 1)] {
            let weights = Tensor(zeros: [2, count])
            let order = VoxelOrder.aligned(Array(0..<count), weights: weights, patchSize: patchSize, seed: 1)
            #expect(order.sorted() == Array(0..<count))
        }
    }

    @Test("A recipe may align voxels; the bundle's standardization then has that order")
    func orderOfRecipe() throws {
        let folder = try TemporaryFolder()
        let given = try SmallTraining.chain(try SmallTraining.recipe(), in: folder.url).standardization
        let recipe = try SmallTraining.recipe("patterns.order=aligned")
        let aligned = try SmallTraining.chain(recipe, in: folder.url).standardization
        #expect(given.selection == given.selection.sorted())
        #expect(aligned.selection != given.selection && aligned.selection.sorted() == given.selection)
        for (place, voxel) in aligned.selection.enumerated() {
            let before = try #require(given.selection.firstIndex(of: voxel))
            #expect(aligned.mean[place] == given.mean[before] && aligned.deviation[place] == given.deviation[before])
        }
    }

    @Test("Leave-one-out residuals are those of models that never saw the row")
    func leaveOneOut() {
        var random = RandomNumbers(seed: 5, purpose: "residuals")
        let (n, k) = (12, 2)
        let features = (0..<n).map { _ in (0..<k).map { _ in random.normalPair().0 } }
        let responses = random.normal([n, 1])
        let options = EncodingModel.Options(ridge: 0.7, correlatedNoise: 0, noiseScale: 1)
        let model = EncodingModel(features: features, responses: responses, options: options)
        for row in 0..<n {
            let others = (0..<n).filter { $0 != row }
            let without = EncodingModel(
                features: others.map { features[$0] },
                responses: Tensor(others.map { responses.pointer[$0] }, shape: [n - 1, 1]),
                options: options
            )
            let predicted = (0..<k).reduce(Float(0)) { $0 + features[row][$1] * without.weights.pointer[$1] }
            #expect(abs(model.residuals.pointer[row] - (responses.pointer[row] - predicted)) < 1e-4)
        }
    }

    @Test(
        "Simulated responses have the residuals' variance, in whatever shares the noise is mixed",
        arguments: [0, 0.5, 1]
    )
    func simulatedNoise(correlated: Double) {
        var random = RandomNumbers(seed: 6, purpose: "noise")
        let (n, voxels) = (40, 6)
        let features = (0..<n).map { _ in [Float(0)] }
        let responses = random.normal([n, voxels], deviation: 2)
        let model = EncodingModel(
            features: features,
            responses: responses,
            options: .init(ridge: 1, correlatedNoise: correlated, noiseScale: 1.5)
        )
        let simulated = model.simulate(Array(repeating: [0], count: 4000), random: &random)
        for voxel in 0..<voxels {
            let squares = (0..<4000).reduce(0.0) { $0 + pow(Double(simulated.pointer[$1 * voxels + voxel]), 2) }
            let expected = 1.5 * Double(model.deviations[voxel])
            #expect(abs((squares / 4000).squareRoot() / expected - 1) < 0.06)
        }
    }

    @Test("The noise of responses may differ: each has one share of it, drawn uniformly")
    func noiseOfEveryAmount() {
        var random = RandomNumbers(seed: 7, purpose: "noise")
        let (count, voxels) = (4000, 300)
        let model = EncodingModel(
            features: (0..<40).map { _ in [Float(0)] },
            responses: random.normal([40, voxels]),
            options: .init(ridge: 1, correlatedNoise: 0, noiseScale: 2, leastNoise: 0.2)
        )
        let simulated = model.simulate(Array(repeating: [0], count: count), random: &random)
        let shares = (0..<count).map { row in
            let squares = (0..<voxels).reduce(0.0) { sum, voxel in
                let value = Double(simulated.pointer[row * voxels + voxel] / model.deviations[voxel]) / 2
                return sum + value * value
            }
            return (squares / Double(voxels)).squareRoot()
        }.sorted()
        for quantile in [0.1, 0.5, 0.9] {
            #expect(abs(shares[Int(quantile * Double(count))] - (0.2 + 0.8 * quantile)) < 0.03)
        }
    }

    @Test("Held-out pairs are no part of what patterns are scaled by or trained on")
    func heldOut() throws {
        let recipe = try SmallTraining.recipe("validationShare=0.2")
        let pairs = SmallTraining.pairs()
        let material = try TrainingMaterial(recipe: recipe, pairs: pairs, prior: SmallTraining.images(24, seed: 7))
        #expect(material.patterns.rows == 16 && material.validationPatterns.rows == 4)
        // Columns of what is trained on have mean 0 and deviation 1: nothing else was counted.
        for column in 0..<10 {
            let values = (0..<material.patterns.rows).map { Double(material.patterns[$0].dropFirst(column).first ?? 0) }
            let mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
            #expect(abs(mean) < 1e-4 && abs(square - 1) < 1e-3)
        }
        #expect(material.patterns.columns == 12)
    }

    @Test("Voxels are repeated as often as the recipe says, with simulated responses and without", arguments: [0, 0.5])
    func repeats(simulated: Double) throws {
        let recipe = try SmallTraining.recipe("patterns.repeats=3", "simulation.share=\(simulated)")
        let pairs = SmallTraining.pairs()
        let material = try TrainingMaterial(recipe: recipe, pairs: pairs, prior: SmallTraining.images(24, seed: 7))
        // 30 values, and two more to fill the last patch of four.
        #expect(material.patterns.columns == 32)
        for row in 0..<material.patterns.rows {
            let values = Array(material.patterns[row])
            #expect((0..<32).allSatisfy { values[$0] == values[$0 % 10] } && Set(values.prefix(10)).count == 10)
        }
        // Simulated ones too: noise that differed between repeats would average out.
        var random = RandomNumbers(seed: 1, purpose: "pairs")
        let drawn = material.pairs(Array(0..<8), random: &random).patterns
        for item in 0..<8 {
            let values = drawn.pointer + item * 32
            #expect((0..<32).allSatisfy { values[$0] == values[$0 % 10] })
        }
    }

    @Test("Folds are disjoint, cover every pair, and hold the classes in equal shares")
    func folds() throws {
        let data = PairedDataset(
            name: "bars",
            training: SmallTraining.pairs(30, seed: 1),
            test: SmallTraining.pairs(10, seed: 2)
        )
        var seen: [String: Int] = [:]
        for number in 0..<5 {
            let fold = try data.fold(number, of: 5, seed: 9)
            #expect(fold.training.responses.rows == 32 && fold.test.responses.rows == 8)
            let classes = (0..<8).compactMap { fold.test.imageClass(ofRow: $0) }
            #expect(classes.filter { $0 == 0 }.count == 4)
            for row in 0..<8 { seen["\(Array(fold.test.responses[row]))", default: 0] += 1 }
            let training = Set((0..<32).map { "\(Array(fold.training.responses[$0]))" })
            #expect((0..<8).allSatisfy { !training.contains("\(Array(fold.test.responses[$0]))") })
        }
        #expect(seen.count == 40 && seen.values.allSatisfy { $0 == 1 })
        #expect(throws: TrainingError.self) { try data.fold(0, of: 41, seed: 9) }
    }

    @Test("Every epoch has each item once, in an order of its own")
    func epochOrder() {
        var order = EpochOrder(count: 10, seed: 1, purpose: "test")
        let first = (0..<5).flatMap { order.items(step: $0, batch: 2) }
        let second = (5..<10).flatMap { order.items(step: $0, batch: 2) }
        #expect(first.sorted() == Array(0..<10) && second.sorted() == Array(0..<10) && first != second)
        var again = EpochOrder(count: 10, seed: 1, purpose: "test")
        #expect(again.items(step: 7, batch: 2) == Array(second[4..<6]))
    }

    @Test("Rescaled latents have mean 0 and deviation 1, and make the same images")
    func rescaledLatents() throws {
        let recipe = try SmallTraining.recipe()
        let material = try TrainingMaterial(
            recipe: recipe,
            pairs: SmallTraining.pairs(),
            prior: SmallTraining.images(64, seed: 7)
        )
        var configuration = VQAutoencoderConfiguration()
        configuration.channels = 32
        configuration.channelMultipliers = [1, 2]
        configuration.residualBlocks = 1
        configuration.resolution = 8
        configuration.codes = 16
        let phase = AutoencoderPhase(material, configuration: configuration)
        phase.begin(step: 1, of: 1)
        let image = stacked([material.prior[0].signedTensor()])
        let before = phase.autoencoder.decode(phase.autoencoder.encode(.init(image))).value.elements
        phase.normalizeLatents()
        let after = phase.autoencoder.decode(phase.autoencoder.encode(.init(image))).value.elements
        for (first, second) in zip(before, after) { #expect(abs(first - second) < 1e-3) }
    }

    @Test("A shift of whole pixels moves an image, and nothing is changed without limits")
    func augmentation() {
        var random = RandomNumbers(seed: 1, purpose: "augmentation")
        let image = SmallTraining.images(1, seed: 3).images[0].signedTensor()
        #expect(ImageAugmentation(AugmentationRecipe())(image, random: &random).elements == image.elements)
        var recipe = AugmentationRecipe()
        (recipe.shift, recipe.rotation, recipe.scaling) = (2, 20, 0.2)
        let changed = ImageAugmentation(recipe)(image, random: &random).elements
        #expect(changed != image.elements && changed.allSatisfy { (-1...1).contains($0) })
    }
}
