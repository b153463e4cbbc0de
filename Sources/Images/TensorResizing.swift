import Tensors

extension Tensor {
    /// An image `[height, width, channels]` at another size: bilinear between half-pixel centres, no antialiasing.
    ///
    /// The source coordinate of output d is `max(0, (d + ½)·in/out − ½)`.
    public func resizedBilinearly(height: Int, width: Int) -> Tensor {
        precondition(rank == 3 && count > 0, "A tensor of shape \(shape) is not an image.")
        let (columns, channels) = (shape[1], shape[2])
        let rows = BilinearTaps.table(from: shape[0], to: height)
        let across = BilinearTaps.table(from: columns, to: width)
        let result = Tensor(uninitialized: [height, width, channels])
        withExtendedLifetime(self) {
            for (y, row) in rows.enumerated() {
                let upper = pointer + row.lower * columns * channels
                let lower = pointer + row.upper * columns * channels
                for (x, column) in across.enumerated() {
                    let output = result.pointer + (y * width + x) * channels
                    let (left, right) = (column.lower * channels, column.upper * channels)
                    for channel in 0..<channels {
                        let top = upper[left + channel] * (1 - column.weight) + upper[right + channel] * column.weight
                        let below = lower[left + channel] * (1 - column.weight) + lower[right + channel] * column.weight
                        output[channel] = top * (1 - row.weight) + below * row.weight
                    }
                }
            }
        }
        return result
    }

    /// The part of an image `[height, width, channels]` that starts at row `top` and column `left`.
    public func croppedImage(top: Int, left: Int, height: Int, width: Int) -> Tensor {
        precondition(rank == 3, "A tensor of shape \(shape) is not an image.")
        precondition(
            top >= 0 && left >= 0 && height > 0 && width > 0 && top + height <= shape[0] && left + width <= shape[1],
            "A crop of \(height)×\(width) at (\(top), \(left)) leaves an image of shape \(shape)."
        )
        let (columns, channels) = (shape[1], shape[2])
        let result = Tensor(uninitialized: [height, width, channels])
        withExtendedLifetime(self) {
            for y in 0..<height {
                let source = pointer + ((top + y) * columns + left) * channels
                (result.pointer + y * width * channels).update(from: source, count: width * channels)
            }
        }
        return result
    }
}

/// The two neighbours of an output position.
private struct BilinearTaps {
    let lower: Int
    let upper: Int
    /// The share of `upper`.
    let weight: Float

    static func table(from input: Int, to output: Int) -> [BilinearTaps] {
        let scale = Float(input) / Float(output)
        return (0..<output).map { index in
            let position = max(0, (Float(index) + 0.5) * scale - 0.5)
            let lower = min(Int(position), input - 1)
            return BilinearTaps(lower: lower, upper: min(lower + 1, input - 1), weight: position - Float(lower))
        }
    }
}
