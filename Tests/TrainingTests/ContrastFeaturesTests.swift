import Foundation
import Images
import Settings
import Tensors
import Testing

@testable import Training

@Suite("Contrast features")
struct ContrastFeaturesTests {
    /// Stripes of an amplitude in −1…1, `[side, side, 3]`.
    private static func stripes(_ side: Int, wave: Double, angle: Double, amplitude: Double, phase: Double = 0)
        -> Tensor
    {
        let values = (0..<side * side).flatMap { pixel -> [Float] in
            let (row, column) = (Double(pixel / side), Double(pixel % side))
            let place = 2 * Double.pi * (column * cos(angle) + row * sin(angle)) / wave + phase
            return [Float](repeating: Float(amplitude * cos(place)), count: 3)
        }
        return Tensor(values, shape: [side, side, 3])
    }

    @Test(
        "of stripes are half their amplitude in the middle of the map of their wave and orientation, and least across"
    )
    func stripes() {
        let features = ContrastFeatures(side: 32)
        // Waves of 16, 8 and 4 pixels in cells of 8, 4 and 2, each in four orientations.
        let sizes = [16, 64, 256]
        for orientation in 0..<4 {
            let image = Self.stripes(32, wave: 8, angle: Double(orientation) * .pi / 4, amplitude: 0.6)
            let found = features(image)
            #expect(found.count == 4 * sizes.reduce(0, +))
            let middles = (0..<4).map { found[4 * sizes[0] + $0 * sizes[1] + 3 * 8 + 3] }
            #expect(abs(middles[orientation] - 0.3) < 0.01, "\(middles)")
            #expect(middles[(orientation + 2) % 4] < 0.03, "\(middles)")
        }
    }

    @Test("do not depend on the phase of stripes, nor on the sign of their contrast")
    func phase() {
        let features = ContrastFeatures(side: 16)
        let images = [0.0, 0.5, 1.4, .pi].map {
            Self.stripes(16, wave: 8, angle: 0, amplitude: 0.5, phase: $0)
        }
        // The middle cell of the map of waves of 8 pixels across columns.
        let values = images.map { features($0)[1 * 4 + 1] }
        #expect(values.allSatisfy { abs($0 / values[0] - 1) < 0.1 }, "\(values)")
        let (one, negative) = (features(images[0]), features(scale(images[0], by: -1)))
        #expect(zip(one, negative).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test("explain responses to contrast, which pixels cannot")
    func encoding() throws {
        // Stripes of random phase; the response is the amplitude of those in one direction less that of the others.
        var random = RandomNumbers(seed: 3, purpose: "stripes")
        let material = (0..<160).map { _ -> (image: Image8, response: Float) in
            let (across, down, phase) = (random.uniform(), random.uniform(), Double(random.uniform()) * 6)
            let image = Self.stripes(16, wave: 8, angle: 0, amplitude: Double(across) * 0.5, phase: phase)
            add(Self.stripes(16, wave: 8, angle: .pi / 2, amplitude: Double(down) * 0.5, phase: 2 * phase), to: image)
            return (Image8(signed: image), across - down)
        }
        func deviation(_ features: SimulationRecipe.Features) throws -> Float {
            var recipe = TrainingRecipe(preset: .compact)
            (recipe.simulation.features, recipe.simulation.components) = (features, 12)
            let found = try ResponseFeatures(recipe, images: material.map(\.image))
            let model = EncodingModel(
                features: material.map { found($0.image.signedTensor()) },
                responses: Tensor(material.map(\.response), shape: [material.count, 1]),
                options: .init(ridge: 1)
            )
            return model.deviations[0]
        }
        // The responses' own deviation is about 0.41.
        let (pixels, contrast) = (try deviation(.pixels), try deviation(.contrast))
        #expect(pixels > 0.35 && contrast < 0.1, "\(pixels) \(contrast)")
    }
}
