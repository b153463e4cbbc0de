import Images
import Settings
import Tensors
import Testing

@testable import Training

@Suite("The class of an image as features")
struct ClassFeaturesTests {
    @Test("They are white over equally frequent classes, whatever their number", arguments: [2, 3, 10])
    func white(count: Int) {
        let names = (0..<count).map { "class \($0)" }
        let features = ClassFeatures(Set(names))
        #expect(features.count == count - 1)
        let rows = names.map { features($0) }
        for first in 0..<count - 1 {
            #expect(abs(rows.reduce(0) { $0 + $1[first] }) < 1e-4)
            for second in 0..<count - 1 {
                let covariance = rows.reduce(0) { $0 + $1[first] * $1[second] } / Float(count)
                #expect(abs(covariance - (first == second ? 1 : 0)) < 1e-4)
            }
        }
    }

    @Test("An unknown class, or none, is the mean of all")
    func unknown() {
        let features = ClassFeatures(["cat", "dog", "ship"])
        #expect(features("horse") == [0, 0] && features(nil) == [0, 0])
    }

    @Test("An encoding model with classes explains responses to what a thing is, which pixels do not tell")
    func encoding() throws {
        var random = RandomNumbers(seed: 5, purpose: "classes")
        let names = ["cat", "dog", "ship"]
        let stimuli = (0..<90).map { index -> ResponseFeatures.Stimulus in
            (random.normal([8, 8, 3], deviation: 0.3), names[index % 3])
        }
        let responses = stimuli.map { $0.className == "dog" ? 1 : -0.5 + 0.01 * random.normalPair().0 }
        func deviation(classes: Bool) throws -> Float {
            let overrides = ["simulation.classes=\(classes)"]
            let recipe = try TrainingRecipe(yaml: SmallTraining.recipe, file: "small.yaml", overrides: overrides)
            let images = stimuli.map { Image8(signed: $0.image) }
            let found = try ResponseFeatures(recipe, images: images, classNames: Set(names))
            return EncodingModel(
                features: stimuli.map { found($0) },
                responses: Tensor(responses, shape: [90, 1]),
                options: .init(ridge: 0.1)
            ).deviations[0]
        }
        let (without, with) = (try deviation(classes: false), try deviation(classes: true))
        #expect(without > 0.5 && with < 0.02, "\(without) \(with)")
    }

    @Test("Simulated patterns of the small training depend on the class of the prior image")
    func simulated() throws {
        // The classes of bars, told by their only contrast: vertical is 0, horizontal 1.
        let recipe = try SmallTraining.recipe(
            "simulation.classes=true",
            "simulation.share=1",
            "simulation.noiseScale=0",
            "patterns.reduction=features",
            "patterns.patchSize=4",
            "augmentation.shift=0"
        )
        let prior = SmallTraining.images(24, seed: 7)
        let material = try TrainingMaterial(recipe: recipe, pairs: SmallTraining.pairs(40), prior: prior)
        #expect(material.patterns.columns == 4)
        var random = RandomNumbers(seed: 1, purpose: "pairs")
        let patterns = material.pairs(Array(0..<24), random: &random).patterns
        let contrasts = (0..<24).map { patterns.pointer[$0 * 4 + 3] }
        let vertical = (0..<24).filter { prior.classes[$0] == prior.classes[0] }.map { contrasts[$0] }
        let horizontal = (0..<24).filter { prior.classes[$0] != prior.classes[0] }.map { contrasts[$0] }
        #expect(vertical.count == 12 && Set(vertical).count == 1 && Set(horizontal).count == 1)
        #expect(vertical.first != horizontal.first)
    }

    @Test("Pairs or prior images without classes are an error that names the key", arguments: [true, false])
    func unsuitable(ofPairs: Bool) throws {
        func bare(_ stimuli: StimulusSet) -> StimulusSet { StimulusSet(images: stimuli.images, names: stimuli.names) }
        let (pairs, prior) = (SmallTraining.pairs(), SmallTraining.images(24, seed: 7))
        let error = #expect(throws: TrainingError.self) {
            try TrainingMaterial(
                recipe: SmallTraining.recipe("simulation.classes=true"),
                pairs: StimulusResponses(
                    responses: pairs.responses,
                    imageIndices: pairs.imageIndices,
                    stimuli: ofPairs ? bare(pairs.stimuli) : pairs.stimuli
                ),
                prior: ofPairs ? prior : bare(prior)
            )
        }
        #expect(error?.subject == "simulation.classes")
    }
}
