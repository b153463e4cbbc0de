import Images
import Settings
import Tensors

/// What simulated responses to an image depend on.
///
/// These are its coordinates along the directions in which images vary most, in their pixels and, if the recipe says so, in
/// their contrast, and its class. All are whitened, so that a ridge penalty treats them alike.
struct ResponseFeatures {
    /// An image `[height, width, 3]` in −1…1, and the name of its class if it has one.
    typealias Stimulus = (image: Tensor, className: String?)

    private let pixels: PrincipalComponents
    private let contrast: (features: ContrastFeatures, components: PrincipalComponents)?
    private let classes: ClassFeatures?

    /// Finds the components of the images that responses are simulated for.
    /// - Parameters:
    ///   - images: these images.
    ///   - classNames: the classes that both these and images that responses were measured to have.
    /// - Throws: ``TrainingError`` if there are no images, or too few classes where responses are to depend on them.
    init(_ recipe: TrainingRecipe, images: [Image8], classNames: Set<String>) throws {
        classes = recipe.simulation.classes ? ClassFeatures(classNames) : nil
        guard classes?.count != 0 else {
            let reason = "the measured pairs and the prior images have no two classes in common; leave it out"
            throw TrainingError(.unsuitable, "simulation.classes", reason)
        }
        let tensors = images.map { $0.signedTensor() }
        func components(_ rows: [[Float]]) throws -> PrincipalComponents {
            guard let width = rows.first?.count, rows.count > 1 else {
                throw TrainingError(
                    .unsuitable,
                    "simulation",
                    "no prior image has a class of the measured pairs; set measuredClassesOnly: false"
                )
            }
            return PrincipalComponents(
                of: Tensor(rows.flatMap { $0 }, shape: [rows.count, width]),
                count: min(recipe.simulation.components, rows.count - 1, width),
                seed: recipe.seed
            )
        }
        pixels = try components(tensors.map { Self.reduced($0).elements })
        guard recipe.simulation.features == .contrast else {
            contrast = nil
            return
        }
        let side = tensors.first.map { Self.reduced($0).shape[0] } ?? 0
        guard side >= 8 else {
            throw TrainingError(.unsuitable, "simulation.features", "contrast needs images of at least 8×8 pixels")
        }
        let features = ContrastFeatures(side: side)
        contrast = (features, try components(tensors.map { features(Self.reduced($0)) }))
    }

    /// The features of an image of a class.
    func callAsFunction(_ stimulus: Stimulus) -> [Float] {
        let small = Self.reduced(stimulus.image)
        return pixels.whitened(small.elements)
            + (contrast.map { $0.components.whitened($0.features(small)) } ?? [])
            + (classes?(stimulus.className) ?? [])
    }

    /// The pixels that responses depend on: the image at 32×32 or smaller.
    private static func reduced(_ image: Tensor) -> Tensor {
        let side = min(32, image.shape[0])
        return image.shape[0] == side ? image : image.resizedBilinearly(height: side, width: side)
    }
}

extension PrincipalComponents {
    /// The coordinates of one item along the components, each divided by its standard deviation.
    func whitened(_ item: [Float]) -> [Float] {
        item.withUnsafeBufferPointer { $0.baseAddress.map(whitened) ?? [] }
    }
}
