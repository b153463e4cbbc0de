import CKernels

/// The weight `[outputs, inputs, kernel, kernel]` of a convolution, laid out for one method and instruction set.
///
/// `data` can be stored and given to `init(data:…)` later, for the same `PackedMatrix.layoutVersion` and instruction
/// set. Its memory must be aligned to 64 bytes.
public final class PackedConvolution: Sendable {
    /// How a convolution is computed.
    public enum Method: String, Sendable, CaseIterable {
        /// Winograd's F(4×4, 3×3) (Lavin and Gray, CVPR 2016): a quarter of the multiplications, four times the weights.
        case winograd4
        /// Winograd's F(2×2, 3×3): 4/9 of the multiplications, 16/9 of the weights.
        case winograd2
        /// A matrix product over the pixels of all windows.
        case direct
    }

    /// The channels of the result.
    public let outputs: Int
    /// The channels of the argument.
    public let inputs: Int
    /// How the window moves.
    public let geometry: ConvolutionGeometry
    /// How the convolution is computed.
    public let method: Method
    /// The packed elements.
    public let data: Tensor

    /// Packs a weight for the current engine's instruction set.
    public init(_ weight: Tensor, geometry: ConvolutionGeometry, method: Method) {
        precondition(
            weight.rank == 4 && weight.shape[2] == geometry.kernel && weight.shape[3] == geometry.kernel,
            "A weight of shape \(weight.shape) is not of windows \(geometry.kernel)×\(geometry.kernel)."
        )
        outputs = weight.shape[0]
        inputs = weight.shape[1]
        self.geometry = geometry
        self.method = method
        let kernels = Kernels()
        let taps = geometry.kernel * geometry.kernel
        let inner = inputs * taps
        data = Tensor(uninitialized: [kernels.packedCount(inner: inner, columns: outputs)])
        kernels.packTaps(weight, outputs: outputs, inputs: inputs, taps: taps, into: data.pointer)
    }

    /// Takes data that an earlier `PackedConvolution` of the same sizes and method made.
    public init(data: Tensor, outputs: Int, inputs: Int, geometry: ConvolutionGeometry, method: Method) {
        self.data = data
        self.outputs = outputs
        self.inputs = inputs
        self.geometry = geometry
        self.method = method
    }

    /// The method for an image of the given size.
    public static func method(
        for geometry: ConvolutionGeometry,
        inputs: Int,
        outputs: Int,
        height: Int,
        width: Int
    ) -> Method {
        .direct
    }
}

extension Kernels {
    /// Packs `[outputs, inputs, taps]` with the inner dimension in the order taps, inputs.
    func packTaps(
        _ weight: Tensor,
        outputs: Int,
        inputs: Int,
        taps: Int,
        into data: UnsafeMutablePointer<Float>
    ) {
        let width = Int(table.panel_width)
        let inner = inputs * taps
        pool.run(count: (outputs + width - 1) / width) { panel in
            for tap in 0..<taps {
                table.pack_panel(
                    data + panel * width * inner + tap * inputs * width,
                    weight.pointer + panel * width * inner + tap,
                    Int64(taps),
                    Int64(inner),
                    Int64(inputs),
                    Int64(min(width, outputs - panel * width))
                )
            }
        }
    }
}
