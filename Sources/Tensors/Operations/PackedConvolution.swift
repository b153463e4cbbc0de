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

        /// Height and width of a tile of output pixels.
        var tile: Int {
            switch self {
            case .winograd4: 4
            case .winograd2: 2
            case .direct: 1
            }
        }

        /// The matrices that a 3×3 weight becomes.
        var planes: Int { self == .direct ? 1 : (tile + 2) * (tile + 2) }
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
    public convenience init(_ weight: Tensor, geometry: ConvolutionGeometry, method: Method) {
        self.init(ConvolutionWeight(weight), geometry: geometry, method: method)
    }

    init(_ weight: ConvolutionWeight, geometry: ConvolutionGeometry, method: Method) {
        precondition(weight.taps == geometry.kernel * geometry.kernel, "A weight of \(weight.taps) taps.")
        precondition(method == .direct || Self.isWinogradPossible(geometry), "Winograd needs 3×3 windows and stride 1.")
        (outputs, inputs) = (weight.outputs, weight.inputs)
        self.geometry = geometry
        self.method = method
        let count = Self.packedCount(outputs: outputs, inputs: inputs, geometry: geometry, method: method)
        data = Tensor(uninitialized: [count])
        weight.pack(method, into: data)
    }

    /// Takes data that an earlier `PackedConvolution` of the same sizes and method made.
    public init(data: Tensor, outputs: Int, inputs: Int, geometry: ConvolutionGeometry, method: Method) {
        precondition(
            data.count
                == Self.packedCount(outputs: outputs, inputs: inputs, geometry: geometry, method: method),
            "\(data.count) packed elements are not those of a convolution of \(inputs) to \(outputs) channels."
        )
        self.data = data
        self.outputs = outputs
        self.inputs = inputs
        self.geometry = geometry
        self.method = method
    }

    /// The number of elements of `data`, for the current engine's instruction set.
    public static func packedCount(
        outputs: Int,
        inputs: Int,
        geometry: ConvolutionGeometry,
        method: Method
    ) -> Int {
        let taps = method == .direct ? geometry.kernel * geometry.kernel : method.planes
        return taps * Kernels().packedCount(inner: inputs, columns: outputs)
    }

    /// The method for an image of the given size.
    ///
    /// Small images have too few tiles to share the larger transformed weights, which would also take the memory.
    public static func method(
        for geometry: ConvolutionGeometry,
        inputs: Int,
        outputs: Int,
        height: Int,
        width: Int
    ) -> Method {
        guard isWinogradPossible(geometry), inputs >= 16 else { return .direct }
        if height * width >= 1024 { return .winograd4 }
        return height * width >= 256 ? .winograd2 : .direct
    }

    private static func isWinogradPossible(_ geometry: ConvolutionGeometry) -> Bool {
        geometry.kernel == 3 && geometry.stride == 1
    }
}

/// A convolution's weight as it lies in memory, or the weight of its input gradient: mirrored, with inputs and outputs
/// exchanged.
struct ConvolutionWeight {
    let tensor: Tensor
    let outputs, inputs, taps: Int
    private let start, outputStride, inputStride, tapStride: Int

    init(_ weight: Tensor, mirrored: Bool = false) {
        precondition(weight.rank == 4 && weight.shape[2] == weight.shape[3], "Not a convolution: \(weight.shape).")
        tensor = weight
        taps = weight.shape[2] * weight.shape[3]
        let strides = [weight.shape[1] * taps, taps]
        outputs = weight.shape[mirrored ? 1 : 0]
        inputs = weight.shape[mirrored ? 0 : 1]
        outputStride = strides[mirrored ? 1 : 0]
        inputStride = strides[mirrored ? 0 : 1]
        start = mirrored ? taps - 1 : 0
        tapStride = mirrored ? -1 : 1
    }

    /// Packs for a method; a direct weight's inner dimension runs over taps, then inputs.
    func pack(_ method: PackedConvolution.Method, into data: Tensor) {
        let kernels = Kernels()
        let width = Int(kernels.table.panel_width)
        let plane = kernels.packedCount(inner: inputs, columns: outputs)
        kernels.pool.run(count: (outputs + width - 1) / width) { panel in
            let source = tensor.pointer + start + panel * width * outputStride
            let columns = Int64(min(width, outputs - panel * width))
            if method == .direct {
                kernels.table.pack_taps(
                    data.pointer + panel * taps * inputs * width,
                    source,
                    Int64(outputStride),
                    Int64(inputStride),
                    Int64(tapStride),
                    Int64(taps),
                    Int64(inputs),
                    columns
                )
            } else {
                kernels.table.winograd_weights(
                    Int64(method.tile),
                    data.pointer + panel * inputs * width,
                    Int64(plane),
                    source,
                    Int64(outputStride),
                    Int64(inputStride),
                    Int64(tapStride),
                    Int64(inputs),
                    columns
                )
            }
        }
    }
}
