import Tensors

/// Square patches of channel-last images `[B, H, W, C]`, row by row, as `[B, (H/P)·(W/P), P·P·C]`.
enum ImagePatches {
    /// Each patch in the order (row, column, channel): the target of the masked autoencoder.
    static func channelsLast(_ images: Tensor, size: Int) -> Tensor {
        extract(images, size: size) { source, target, stride, channels in
            for row in 0..<size {
                (target + row * size * channels).update(from: source + row * stride, count: size * channels)
            }
        }
    }

    /// Each patch in the order (channel, row, column): that of a convolution's weight.
    static func channelsFirst(_ images: Tensor, size: Int) -> Tensor {
        extract(images, size: size) { source, target, stride, channels in
            for row in 0..<size {
                for column in 0..<size {
                    let pixel = source + row * stride + column * channels
                    for channel in 0..<channels { target[(channel * size + row) * size + column] = pixel[channel] }
                }
            }
        }
    }

    private typealias Copy = (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int, Int) -> Void

    private static func extract(_ images: Tensor, size: Int, _ copy: Copy) -> Tensor {
        let (batch, height, width, channels) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3])
        precondition(height % size == 0 && width % size == 0, "Images of shape \(images.shape) in patches of \(size).")
        let (rows, columns) = (height / size, width / size)
        let length = size * size * channels
        let result = Tensor(uninitialized: [batch, rows * columns, length])
        for item in 0..<batch {
            for patch in 0..<rows * columns {
                let corner = ((item * height + patch / columns * size) * width + patch % columns * size) * channels
                copy(
                    images.pointer + corner,
                    result.pointer + (item * rows * columns + patch) * length,
                    width * channels,
                    channels
                )
            }
        }
        return result
    }
}
