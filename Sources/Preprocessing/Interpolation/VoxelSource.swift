/// The voxels of a volume as a scanner sends them, x fastest.
public enum VoxelSource {
    /// Values in single precision.
    case float(UnsafeBufferPointer<Float>)
    /// Integers; value = slope × stored + intercept.
    case int16(UnsafeBufferPointer<Int16>, slope: Float, intercept: Float)

    /// The number of voxels.
    public var count: Int {
        switch self {
        case .float(let voxels): voxels.count
        case .int16(let voxels, _, _): voxels.count
        }
    }

    /// Copies the values; what is not finite becomes zero.
    ///
    /// Returns how many were not finite.
    func copy(to values: inout [Float], kernels: VolumeKernels) -> Int {
        precondition(values.count == count, "voxels are copied to as many values")
        let table = kernels.table.pointee
        switch self {
        case .float(let voxels): return Int(table.copy_finite(&values, voxels.baseAddress, Int64(count)))
        case .int16(let voxels, let slope, let intercept):
            table.convert_int16(&values, voxels.baseAddress, Int64(count), slope, intercept)
            return 0
        }
    }
}
