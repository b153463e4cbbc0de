import Foundation
import Tensors

/// Channels that tell a convolutional network where it is (Liu et al., "An intriguing failing of convolutional neural
/// networks and the CoordConv solution", NeurIPS 2018).
///
/// A UNet knows its place by the padding of its borders alone. What a condition says of an image's layout can be read by
/// cross-attention only where the queries differ from place to place.
enum PositionChannels {
    /// The number of channels: sine and cosine of either axis at each frequency.
    static func count(frequencies: Int) -> Int { 4 * frequencies }

    /// `[batch, height, width, 4·frequencies]`: for frequency k sin and cos of π·2ᵏ·x, then of π·2ᵏ·y, where x and y run
    /// from 0 to 1 over the image and are those of the middle of a position.
    static func tensor(batch: Int, height: Int, width: Int, frequencies: Int) -> Tensor {
        let channels = count(frequencies: frequencies)
        let result = Tensor(uninitialized: [batch, height, width, channels])
        let size = height * width * channels
        for row in 0..<height {
            for column in 0..<width {
                let target = result.pointer + (row * width + column) * channels
                let (x, y) = ((Double(column) + 0.5) / Double(width), (Double(row) + 0.5) / Double(height))
                for frequency in 0..<frequencies {
                    let factor = Double.pi * Double(1 << frequency)
                    let values = [sin(factor * x), cos(factor * x), sin(factor * y), cos(factor * y)]
                    for (index, value) in values.enumerated() { target[4 * frequency + index] = Float(value) }
                }
            }
        }
        for item in 1..<max(batch, 1) { (result.pointer + item * size).update(from: result.pointer, count: size) }
        return result
    }
}
