import CKernels
import Foundation

/// Doubles height and width of a channel-last image by repeating pixels.
public func upsampleNearest2(_ x: Tensor) -> Tensor {
    let (batch, height, width, channels) = imageShape(x)
    let kernels = Kernels()
    let y = Tensor(uninitialized: [batch, 2 * height, 2 * width, channels])
    kernels.pool.run(count: batch * height) { row in
        let source = x.pointer + row * width * channels
        let target = y.pointer + row * 4 * width * channels
        for column in 0..<width {
            let pixel = source + column * channels
            memcpy(target + 2 * column * channels, pixel, 4 * channels)
            memcpy(target + (2 * column + 1) * channels, pixel, 4 * channels)
        }
        memcpy(target + 2 * width * channels, target, 4 * 2 * width * channels)
    }
    return y
}

/// The gradient of `upsampleNearest2`: sums of 2×2 pixels.
public func upsampleNearest2Gradient(_ dy: Tensor) -> Tensor {
    let (batch, height, width, channels) = imageShape(dy)
    precondition(height % 2 == 0 && width % 2 == 0, "Not the size of an upsampled image: \(dy.shape).")
    let kernels = Kernels()
    let dx = Tensor(uninitialized: [batch, height / 2, width / 2, channels])
    kernels.pool.run(count: batch * height / 2) { row in
        let upper = dy.pointer + row * 2 * width * channels
        let lower = upper + width * channels
        for column in 0..<width / 2 {
            let target = dx.pointer + (row * (width / 2) + column) * channels
            let n = Int64(channels)
            kernels.table.add(target, upper + 2 * column * channels, upper + (2 * column + 1) * channels, n)
            kernels.table.add(target, target, lower + 2 * column * channels, n)
            kernels.table.add(target, target, lower + (2 * column + 1) * channels, n)
        }
    }
    return dx
}

/// Joins tensors along the last axis; the other axes are equal.
public func concatenate(_ parts: [Tensor]) -> Tensor {
    precondition(!parts.isEmpty, "Nothing to concatenate.")
    let lead = Array(parts[0].shape.dropLast())
    precondition(
        parts.allSatisfy { Array($0.shape.dropLast()) == lead },
        "Shapes \(parts.map(\.shape)) differ before the last axis."
    )
    let sizes = parts.map(\.columns)
    let width = sizes.reduce(0, +)
    let y = Tensor(uninitialized: lead + [width])
    Kernels().ranges(y.rowCount, unit: width) { rows in
        for row in rows {
            var target = y.pointer + row * width
            for (part, size) in zip(parts, sizes) {
                memcpy(target, part.pointer + row * size, 4 * size)
                target += size
            }
        }
    }
    return y
}

/// Cuts the last axis into parts of the given sizes.
public func split(_ x: Tensor, sizes: [Int]) -> [Tensor] {
    let width = x.columns
    precondition(sizes.reduce(0, +) == width, "Sizes \(sizes) do not add up to the last axis of \(x.shape).")
    let parts = sizes.map { Tensor(uninitialized: x.shape.dropLast() + [$0]) }
    Kernels().ranges(x.rowCount, unit: width) { rows in
        for row in rows {
            var source = x.pointer + row * width
            for (part, size) in zip(parts, sizes) {
                memcpy(part.pointer + row * size, source, 4 * size)
                source += size
            }
        }
    }
    return parts
}

/// Exchanges the last two axes of `[B, N, M]` or `[N, M]`.
public func transposeLast2(_ x: Tensor) -> Tensor {
    precondition(x.rank >= 2, "Shape \(x.shape) has no two axes to exchange.")
    let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    let y = Tensor(uninitialized: x.shape.dropLast(2) + [columns, rows])
    let batch = x.count / max(rows * columns, 1)
    let kernels = Kernels()
    // The pages of a band's rows and of 16 result rows fit the translation buffer at one time.
    let height = 64
    let bands = (rows + height - 1) / height
    kernels.pool.run(count: batch * bands) { job in
        let (item, band) = (job / bands, job % bands)
        let start = item * rows * columns
        kernels.table.transpose(
            y.pointer + start + band * height,
            Int64(rows),
            x.pointer + start + band * height * columns,
            Int64(columns),
            Int64(min(height, rows - band * height)),
            Int64(columns)
        )
    }
    return y
}

/// `[B, C, H, W]` to `[B, H, W, C]`.
public func nchwToNHWC(_ x: Tensor) -> Tensor {
    let (batch, channels, height, width) = imageShape(x)
    return transposeLast2(x.reshaped([batch, channels, height * width])).reshaped([batch, height, width, channels])
}

/// `[B, H, W, C]` to `[B, C, H, W]`.
public func nhwcToNCHW(_ x: Tensor) -> Tensor {
    let (batch, height, width, channels) = imageShape(x)
    return transposeLast2(x.reshaped([batch, height * width, channels])).reshaped([batch, channels, height, width])
}

/// The four axes of an image tensor.
func imageShape(_ x: Tensor) -> (Int, Int, Int, Int) {
    precondition(x.rank == 4, "An image has four axes, not shape \(x.shape).")
    return (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
}
