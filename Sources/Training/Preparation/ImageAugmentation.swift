import Foundation
import Settings
import Tensors

/// Small random shifts, rotations and changes of size.
struct ImageAugmentation {
    private let recipe: AugmentationRecipe

    init(_ recipe: AugmentationRecipe) { self.recipe = recipe }

    /// Whether it changes anything.
    var isActive: Bool { recipe.shift > 0 || recipe.rotation > 0 || recipe.scaling > 0 }

    /// An image `[height, width, channels]` under a random similarity; what comes from outside repeats the edge.
    func callAsFunction(_ image: Tensor, random: inout RandomNumbers) -> Tensor {
        guard isActive else { return image }
        func symmetric(_ limit: Double) -> Double { (2 * Double(random.uniform()) - 1) * limit }
        let angle = symmetric(recipe.rotation) * .pi / 180
        let size = 1 + symmetric(recipe.scaling)
        let (down, right) = (symmetric(recipe.shift), symmetric(recipe.shift))
        let (height, width, channels) = (image.shape[0], image.shape[1], image.shape[2])
        let (centreY, centreX) = (Double(height - 1) / 2, Double(width - 1) / 2)
        let (cosine, sine) = (cos(angle) / size, sin(angle) / size)
        let result = Tensor(uninitialized: image.shape)
        for y in 0..<height {
            for x in 0..<width {
                let (dy, dx) = (Double(y) - centreY - down, Double(x) - centreX - right)
                let sourceY = min(max(centreY + cosine * dy - sine * dx, 0), Double(height - 1))
                let sourceX = min(max(centreX + sine * dy + cosine * dx, 0), Double(width - 1))
                let (top, left) = (Int(sourceY), Int(sourceX))
                let (bottom, rightmost) = (min(top + 1, height - 1), min(left + 1, width - 1))
                let (v, u) = (Float(sourceY - Double(top)), Float(sourceX - Double(left)))
                for channel in 0..<channels {
                    func at(_ row: Int, _ column: Int) -> Float {
                        image.pointer[(row * width + column) * channels + channel]
                    }
                    let upper = at(top, left) * (1 - u) + at(top, rightmost) * u
                    let lower = at(bottom, left) * (1 - u) + at(bottom, rightmost) * u
                    result.pointer[(y * width + x) * channels + channel] = upper * (1 - v) + lower * v
                }
            }
        }
        return result
    }
}
