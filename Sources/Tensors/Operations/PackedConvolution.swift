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
        /// Winograd's F(2, 3) along rows: 2/3 of the multiplications, 4/3 of the weights.
        case winogradRows
        /// A matrix product over the pixels of all windows.
        case direct

        /// The width of a tile of output pixels.
        var tile: Int {
            switch self {
            case .winograd4: 4
            case .winograd2, .winogradRows: 2
            case .direct: 1
            }
        }

        /// The planes that tiles and weights become.
        var planes: Int {
            switch self {
            case .winograd2, .winograd4: (tile + 2) * (tile + 2)
            case .winogradRows: 4
            case .direct: 1
            }
        }

        /// The pixels of a window that one plane's product runs over.
        func taps(kernel: Int) -> Int {
            switch self {
            case .winograd2, .winograd4: 1
            case .winogradRows: 3
            case .direct: kernel * kernel
            }
        }
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
        let taps = method.taps(kernel: geometry.kernel)
        return method.planes * taps * Kernels().packedCount(inner: inputs, columns: outputs)
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
        if height * width >= 256 { return .winograd2 }
        return height * width >= 64 ? .winogradRows : .direct
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
        kernels.pool.run(count: kernels.panels(columns: outputs)) { panel in
            let source = tensor.pointer + start + panel * width * outputStride
            let target = data.pointer + panel * method.taps(kernel: 3) * inputs * width
            let columns = Int64(min(width, outputs - panel * width))
            let (nStride, cStride, tapStride) = (Int64(outputStride), Int64(inputStride), Int64(tapStride))
            let inner = Int64(inputs)
            switch method {
            case .direct:
                let target = data.pointer + panel * taps * inputs * width
                let count = Int64(taps)
                kernels.table.pack_taps(target, source, nStride, cStride, tapStride, count, inner, columns)
            case .winogradRows:
                let plane = Int64(3 * plane)
                kernels.table.winograd_rows_weights(target, plane, source, nStride, cStride, tapStride, inner, columns)
            case .winograd2, .winograd4:
                let (tile, plane) = (Int64(method.tile), Int64(plane))
                kernels.table.winograd_weights(
                    tile,
                    target,
                    plane,
                    source,
                    nStride,
                    cStride,
                    tapStride,
                    inner,
                    columns
                )
            }
        }
    }
}
