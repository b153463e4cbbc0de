/// Turns stored voxels into single precision.
enum VoxelDecoding {
    /// Values = slope × stored + intercept, formed in double precision.
    static func floats(
        _ bytes: [UInt8],
        _ type: NIfTIDataType,
        isBigEndian: Bool,
        _ scaling: (slope: Double, intercept: Double)
    ) -> [Float] {
        bytes.withUnsafeBytes { bytes in
            let order = ByteOrder(isBigEndian: isBigEndian, scaling: scaling, bytes: bytes)
            return switch type {
            case .uint8: order.map(UInt8.self) { Double($0) }
            case .int8: order.map(Int8.self) { Double($0) }
            case .int16: order.map(Int16.self) { Double($0) }
            case .uint16: order.map(UInt16.self) { Double($0) }
            case .int32: order.map(Int32.self) { Double($0) }
            case .uint32: order.map(UInt32.self) { Double($0) }
            case .int64: order.map(Int64.self) { Double($0) }
            case .uint64: order.map(UInt64.self) { Double($0) }
            case .float32: order.map(UInt32.self) { Double(Float(bitPattern: $0)) }
            case .float64: order.map(UInt64.self) { Double(bitPattern: $0) }
            case .float128: order.map(UInt128.self) { quadruple($0) }
            case .complex64, .complex128, .complex256, .rgb24, .rgba32: []
            }
        }
    }

    /// Rounds an IEEE binary128 to double precision, toward zero in the last place.
    static func quadruple(_ bits: UInt128) -> Double {
        let exponent = Int(truncatingIfNeeded: bits >> 112) & 0x7FFF
        let fraction = UInt64(truncatingIfNeeded: bits >> 60) & 0xF_FFFF_FFFF_FFFF
        let magnitude: Double
        if exponent == 0x7FFF {
            magnitude = bits << 16 == 0 ? .infinity : .nan
        } else if exponent - 16383 > 1023 {
            magnitude = .infinity
        } else if exponent - 16383 < -1022 {
            magnitude = 0
        } else {
            magnitude = Double(bitPattern: UInt64(exponent - 16383 + 1023) << 52 | fraction)
        }
        return bits >> 127 == 0 ? magnitude : -magnitude
    }

    private struct ByteOrder {
        let isBigEndian: Bool
        let scaling: (slope: Double, intercept: Double)
        let bytes: UnsafeRawBufferPointer

        @inline(__always)
        func map<Stored: FixedWidthInteger & BitwiseCopyable>(
            _ type: Stored.Type,
            _ value: (Stored) -> Double
        ) -> [Float] {
            let size = MemoryLayout<Stored>.size
            let count = bytes.count / size
            let (slope, intercept) = scaling
            let isPlain = slope == 1 && intercept == 0
            return [Float](unsafeUninitializedCapacity: count) { floats, initialized in
                for index in 0..<count {
                    let stored = bytes.loadUnaligned(fromByteOffset: index &* size, as: Stored.self)
                    let number = value(isBigEndian ? Stored(bigEndian: stored) : Stored(littleEndian: stored))
                    floats[index] = Float(isPlain ? number : number * slope + intercept)
                }
                initialized = count
            }
        }
    }
}
