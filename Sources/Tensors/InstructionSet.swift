import CKernels

/// The vector instructions that the kernels use.
public enum InstructionSet: String, Sendable, CaseIterable {
    /// 128-bit vectors of the baseline of the platform.
    case portable
    /// 256-bit vectors with fused multiply-add.
    case avx2
    /// 512-bit vectors.
    case avx512

    /// Whether this processor has the instructions.
    public var isAvailable: Bool {
        percept_instruction_set_available(code) != 0
    }

    /// The widest available on this processor.
    public static var best: InstructionSet {
        allCases.last { $0.isAvailable } ?? .portable
    }

    /// The number by which the kernels know it.
    public var code: Int32 {
        switch self {
        case .portable: 0
        case .avx2: 1
        case .avx512: 2
        }
    }
}
