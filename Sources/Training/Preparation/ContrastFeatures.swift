import Foundation
import Images
import Tensors

/// The contrast of an image by place, orientation and spatial frequency: the amplitude of quadrature pairs of Gabor
/// filters, which responses of the early visual cortex follow (Kay et al., Nature 452, 2008).
struct ContrastFeatures {
    private let side: Int
    private let filters: [(filter: SeparableGabor, cell: Int)]

    /// Prepares filters for square images: waves of a half, a quarter and so on of the side, down to 4 pixels, in four
    /// orientations, each averaged over cells of half a wave.
    init(side: Int) {
        self.side = side
        let waves = sequence(first: side / 2) { $0 / 2 }.prefix { $0 >= 4 }
        filters = waves.flatMap { wave in
            (0..<4).map { orientation in
                (SeparableGabor(cyclesPerPixel: 1 / Double(wave), angle: Double(orientation) * .pi / 4), wave / 2)
            }
        }
    }

    /// The amplitudes in an image `[side, side, 3]`, of which the luminance less its mean is taken.
    func callAsFunction(_ image: Tensor) -> [Float] {
        precondition(image.shape == [side, side, 3], "An image \(image.shape) for filters of side \(side).")
        var map = (0..<side * side).map { pixel in
            let colour = image.pointer + 3 * pixel
            return luminance(red: colour[0], green: colour[1], blue: colour[2])
        }
        let mean = map.reduce(0, +) / Float(map.count)
        for pixel in map.indices { map[pixel] -= mean }
        return filters.flatMap { filter, cell in
            let amplitudes = filter.energy(of: map, size: side).map { $0.squareRoot() }
            let cells = side / cell
            return (0..<cells * cells).map { place in
                let (top, left) = (place / cells * cell, place % cells * cell)
                var sum: Float = 0
                for row in top..<top + cell {
                    for column in left..<left + cell { sum += amplitudes[row * side + column] }
                }
                return sum / Float(cell * cell)
            }
        }
    }
}
