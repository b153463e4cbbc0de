import Images
import Settings
import Tensors

/// What simulated responses to an image depend on.
///
/// These are its coordinates along the directions in which images vary most, in their pixels and, if the recipe says so, in
/// their contrast. All are whitened, so that a ridge penalty treats them alike.
struct ResponseFeatures {
    private let pixels: PrincipalComponents
    private let contrast: (features: ContrastFeatures, components: PrincipalComponents)?

    /// Finds the components of the images that responses are simulated for.
    /// - Throws: ``TrainingError`` if there are none.
    init(_ recipe: TrainingRecipe, images: [Image8]) throws {
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

    /// The features of an image `[height, width, 3]` in −1…1.
    func callAsFunction(_ image: Tensor) -> [Float] {
        let small = Self.reduced(image)
        let coordinates = pixels.whitened(small.elements)
        guard let contrast else { return coordinates }
        return coordinates + contrast.components.whitened(contrast.features(small))
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
