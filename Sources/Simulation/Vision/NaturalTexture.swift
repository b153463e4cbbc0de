import Foundation
import Tensors

/// Images with the spectrum of natural ones: noise whose amplitude falls with frequency.
enum NaturalTexture {
    /// The same images each time.
    static func images(count: Int) -> [GreyImage] {
        (0..<count).map { index in
            var random = RandomNumbers(seed: 0, purpose: "natural texture", index: UInt64(index))
            let size = 64
            var pixels = [Float](repeating: 0, count: size * size)
            // Waves of octaves 1 to 16 across the image, each octave of equal energy.
            for octave in 0..<5 {
                for _ in 0..<12 {
                    let frequency = pow(2, Double(octave) + Double(random.uniform()))
                    let (angle, phase) = (Double(random.uniform()) * .pi, Double(random.uniform()) * 2 * .pi)
                    let step = 2 * Double.pi * frequency / Double(size)
                    let (u, v) = (step * cos(angle), step * sin(angle))
                    for row in 0..<size {
                        for column in 0..<size {
                            pixels[row * size + column] += Float(sin(u * Double(column) + v * Double(row) + phase))
                        }
                    }
                }
            }
            let deviation = (pixels.reduce(0) { $0 + $1 * $1 } / Float(pixels.count)).squareRoot()
            return GreyImage(
                height: size,
                width: size,
                pixels: pixels.map { min(1, max(0, 0.5 + 0.2 * $0 / deviation)) }
            )
        }
    }
}
