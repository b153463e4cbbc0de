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
        let (rows, columns) = (waves(height, frequencies), waves(width, frequencies))
        var target = result.pointer
        for _ in 0..<batch {
            for row in rows {
                for column in columns {
                    for frequency in 0..<frequencies {
                        (target[0], target[1]) = (column[frequency].sine, column[frequency].cosine)
                        (target[2], target[3]) = (row[frequency].sine, row[frequency].cosine)
                        target += 4
                    }
                }
            }
        }
        return result
    }

    /// For each of `count` positions along an axis, sine and cosine at each frequency.
    private static func waves(_ count: Int, _ frequencies: Int) -> [[(sine: Float, cosine: Float)]] {
        (0..<count).map { position in
            let middle = (Double(position) + 0.5) / Double(count)
            return (0..<frequencies).map { frequency in
                let angle = Double.pi * Double(1 << frequency) * middle
                return (Float(sin(angle)), Float(cos(angle)))
            }
        }
    }
}
