/// Turns values into stored voxels.
enum VoxelEncoding {
    /// The bytes of voxels in the header's type, byte order and scaling.
    static func bytes(_ values: [Float], _ header: NIfTIHeader) -> [UInt8] {
        switch header.dataType {
        case .float32: pack(values, header) { Float($0).bitPattern }
        case .float64: pack(values, header) { $0.bitPattern }
        case .uint8: pack(values, header) { UInt8(truncatingIfNeeded: $0.integer(header)) }
        case .int8: pack(values, header) { Int8(truncatingIfNeeded: $0.integer(header)) }
        case .int16: pack(values, header) { Int16(truncatingIfNeeded: $0.integer(header)) }
        case .uint16: pack(values, header) { UInt16(truncatingIfNeeded: $0.integer(header)) }
        case .int32: pack(values, header) { Int32(truncatingIfNeeded: $0.integer(header)) }
        case .uint32: pack(values, header) { UInt32(truncatingIfNeeded: $0.integer(header)) }
        case .int64: pack(values, header) { Int64(truncatingIfNeeded: $0.integer(header)) }
        case .uint64: pack(values, header) { UInt64(truncatingIfNeeded: $0.integer(header)) }
        case .float128, .complex64, .complex128, .complex256, .rgb24, .rgba32: []
        }
    }

    private static func pack<Stored: FixedWidthInteger>(
        _ values: [Float],
        _ header: NIfTIHeader,
        _ store: (Double) -> Stored
    ) -> [UInt8] {
        let (slope, intercept) = header.scaling
        let size = MemoryLayout<Stored>.size
        return [UInt8](unsafeUninitializedCapacity: values.count * size) { bytes, initialized in
            let raw = UnsafeMutableRawBufferPointer(bytes)
            for (index, value) in values.enumerated() {
                let stored = store(slope == 1 && intercept == 0 ? Double(value) : (Double(value) - intercept) / slope)
                raw.storeBytes(
                    of: header.isBigEndian ? stored.bigEndian : stored.littleEndian,
                    toByteOffset: index * size,
                    as: Stored.self
                )
            }
            initialized = values.count * size
        }
    }
}

extension Double {
    /// The nearest integer in the range of the header's type.
    fileprivate func integer(_ header: NIfTIHeader) -> Int128 {
        guard !isNaN, let range = header.dataType.integerRange else { return 0 }
        return Int128(Swift.min(Swift.max(self, range.lowerBound), range.upperBound).rounded())
    }
}
