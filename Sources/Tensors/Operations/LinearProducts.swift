import CKernels

/// The weight `[outputs, inputs]` of a linear layer, laid out for the kernels of one instruction set.
///
/// `data` can be stored and given to `init(data:outputs:inputs:)` later, for the same `layoutVersion` and instruction
/// set. Its memory must be aligned to 64 bytes.
public final class PackedMatrix: Sendable {
    /// Changes whenever the layout of packed weights changes.
    public static let layoutVersion = 1

    /// The width of the result.
    public let outputs: Int
    /// The width of the argument.
    public let inputs: Int
    /// The packed elements.
    public let data: Tensor

    /// Packs a weight `[outputs, inputs]` for the current engine's instruction set.
    public init(_ weight: Tensor) {
        precondition(weight.rank == 2, "A linear weight has two axes, not shape \(weight.shape).")
        outputs = weight.shape[0]
        inputs = weight.shape[1]
        let kernels = Kernels()
        data = Tensor(uninitialized: [kernels.packedCount(inner: inputs, columns: outputs)])
        kernels.pack(
            weight.pointer,
            kStride: 1,
            nStride: inputs,
            inner: inputs,
            columns: outputs,
            into: data.pointer
        )
    }

    /// Takes data that an earlier `PackedMatrix` of the same sizes made.
    public init(data: Tensor, outputs: Int, inputs: Int) {
        precondition(
            data.count == Self.packedCount(outputs: outputs, inputs: inputs),
            "\(data.count) packed elements are not those of a matrix [\(outputs), \(inputs)]."
        )
        self.data = data
        self.outputs = outputs
        self.inputs = inputs
    }

    /// The number of elements of `data`, for the current engine's instruction set.
    public static func packedCount(outputs: Int, inputs: Int) -> Int {
        Kernels().packedCount(inner: inputs, columns: outputs)
    }
}

/// activation(x·Wᵀ + bias) + residual: `[..., inputs]` to `[..., outputs]`.
public func linear(
    _ x: Tensor,
    _ w: PackedMatrix,
    bias: Tensor?,
    activation: Activation = .none,
    residual: Tensor? = nil
) -> Tensor {
    precondition(x.columns == w.inputs, "A weight [\(w.outputs), \(w.inputs)] does not fit shape \(x.shape).")
    precondition(bias.map { $0.count == w.outputs } ?? true, "A bias has \(w.outputs) elements.")
    let y = Tensor(uninitialized: x.shape.dropLast() + [w.outputs])
    precondition(residual.map { $0.count == y.count } ?? true, "A residual has shape \(y.shape).")
    var product = percept_product(
        rows: x.rowCount,
        columns: w.outputs,
        inner: w.inputs,
        a: x.pointer,
        aStride: w.inputs,
        b: w.data.pointer,
        c: y.pointer,
        cStride: w.outputs
    )
    product.bias = bias.map { UnsafePointer($0.pointer) }
    product.activation = percept_activation(activation)
    product.residual = residual.map { UnsafePointer($0.pointer) }
    product.residual_stride = Int64(w.outputs)
    withExtendedLifetime((x, w, bias, residual)) { Kernels().run([product]) }
    return y
}
