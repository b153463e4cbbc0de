/// Changes the order of a volume's voxels between NumPy's, z fastest, and ours, x fastest.
public enum PynealPayload {
    /// The voxels of a message, x fastest and little-endian.
    ///
    /// Throws `corrupt` if there are not as many bytes as the header says.
    public static func voxels(_ payload: [UInt8], _ header: PynealHeader) throws(WireError) -> [UInt8] {
        guard payload.count == header.payloadSize else {
            let detail = "has \(payload.count) bytes; the header says \(header.payloadSize)"
            throw WireError(.corrupt, "Pyneal volume \(header.volumeIndex)", detail)
        }
        let shape = header.shape
        return reordered(payload, header.dataType.size, shape, isSwapped: header.isBigEndian)
    }

    /// The voxels as a sender writes them, of voxels with x fastest.
    public static func payload(_ voxels: [UInt8], _ header: PynealHeader) -> [UInt8] {
        precondition(voxels.count == header.payloadSize, "a volume has a number for every voxel")
        // The same exchange, seen from the other side.
        let shape = SIMD3(header.shape.z, header.shape.y, header.shape.x)
        return reordered(voxels, header.dataType.size, shape, isSwapped: header.isBigEndian)
    }

    private static func reordered(_ bytes: [UInt8], _ size: Int, _ shape: SIMD3<Int>, isSwapped: Bool) -> [UInt8] {
        switch size {
        case 1: exchanged(bytes, UInt8.self, shape, isSwapped)
        case 2: exchanged(bytes, UInt16.self, shape, isSwapped)
        case 4: exchanged(bytes, UInt32.self, shape, isSwapped)
        default: exchanged(bytes, UInt64.self, shape, isSwapped)
        }
    }

    /// Exchanges the first and the last axis, in strips of x that fit the nearest cache.
    private static func exchanged<Voxel: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: [UInt8],
        _ type: Voxel.Type,
        _ shape: SIMD3<Int>,
        _ isSwapped: Bool
    ) -> [UInt8] {
        let (width, height, depth, size) = (shape.x, shape.y, shape.z, MemoryLayout<Voxel>.size)
        return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, initialized in
            bytes.withUnsafeBytes { source in
                let target = UnsafeMutableRawBufferPointer(target)
                for y in 0..<height {
                    for strip in stride(from: 0, to: width, by: 16) {
                        let end = min(strip + 16, width)
                        for z in 0..<depth {
                            for x in strip..<end {
                                let from = ((x &* height &+ y) &* depth &+ z) &* size
                                let to = ((z &* height &+ y) &* width &+ x) &* size
                                let voxel = source.loadUnaligned(fromByteOffset: from, as: Voxel.self)
                                let stored = isSwapped ? voxel.byteSwapped : voxel
                                target.storeBytes(of: stored, toByteOffset: to, as: Voxel.self)
                            }
                        }
                    }
                }
            }
            initialized = bytes.count
        }
    }
}
