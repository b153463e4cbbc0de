/// The type of voxels on the wire, little-endian.
public enum VoxelType: String, Sendable, Codable, CaseIterable {
    /// Whole numbers without sign, 8 bits.
    case uint8
    /// Whole numbers with sign, 8 bits.
    case int8
    /// Whole numbers with sign, 16 bits.
    case int16
    /// Whole numbers without sign, 16 bits.
    case uint16
    /// Whole numbers with sign, 32 bits.
    case int32
    /// Whole numbers without sign, 32 bits.
    case uint32
    /// Single precision.
    case float32
    /// Double precision.
    case float64

    /// The bytes of a voxel.
    public var size: Int {
        switch self {
        case .uint8, .int8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .float64: 8
        }
    }
}

/// A volume (topic `volume`); the payload is its voxels, x fastest, then y, then z.
public struct VolumeBody: MessageBody, Equatable {
    /// The topic.
    public static let topics: Set<Topic> = [.volume]

    /// Its number in the run, from 0.
    public var index: Int
    /// Voxels along x, y and z.
    public var shape: [Int]
    /// The type of the voxels.
    public var dtype: VoxelType
    /// The intensity of a voxel is slope × number + intercept; 1 where not said.
    public var slope: Double?
    /// The intensity of the number 0; 0 where not said.
    public var intercept: Double?
    /// The rows of the 4×4 matrix from voxel indices to mm, RAS+.
    public var affine: [[Double]]
    /// The time from volume to volume in s.
    public var repetitionTime: Double?
    /// When its acquisition began, in s since 1970 on the publisher's clock.
    public var acquiredAt: Double?
    /// The CRC-32 of the payload, as zlib and PNG compute it (polynomial 0xEDB88320), in 8 lower-case hex digits.
    public var checksum: String

    /// Describes a volume.
    public init(
        index: Int,
        shape: [Int],
        dtype: VoxelType,
        slope: Double? = nil,
        intercept: Double? = nil,
        affine: [[Double]],
        repetitionTime: Double? = nil,
        acquiredAt: Double? = nil,
        checksum: UInt32
    ) {
        self.index = index
        self.shape = shape
        self.dtype = dtype
        self.slope = slope
        self.intercept = intercept
        self.affine = affine
        self.repetitionTime = repetitionTime
        self.acquiredAt = acquiredAt
        let digits = String(checksum, radix: 16)
        self.checksum = String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Throws if a field is out of its range, or the payload is not one part of the size that shape and type say.
    public func check(payload: [[UInt8]], _ limits: MessageLimits) throws(WireError) {
        try Check.index(index, "index", limits)
        let voxels = try checkedVoxels(limits)
        try checkGeometry()
        try Check.repetitionTime(repetitionTime)
        try Check.time(acquiredAt, "acquiredAt")
        guard checksum.utf8.count == 8, checksum.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else {
            throw WireError(.malformed, "checksum", "is not 8 lower-case hex digits")
        }
        let bytes = try Check.onePayload(payload)
        guard bytes.count == voxels * dtype.size else {
            throw WireError(
                .corrupt,
                "payload",
                "has \(bytes.count) bytes, not the \(voxels * dtype.size) of \(voxels) voxels of \(dtype.rawValue)"
            )
        }
    }

    private func checkedVoxels(_ limits: MessageLimits) throws(WireError) -> Int {
        guard shape.count == 3, shape.allSatisfy({ $0 > 0 }) else {
            throw WireError(.malformed, "shape", "is \(shape.prefix(4)), not three numbers above 0")
        }
        var voxels = 1
        for size in shape {
            let (product, overflow) = voxels.multipliedReportingOverflow(by: size)
            guard !overflow, product <= limits.voxels else {
                throw WireError(.tooLarge, "shape", "is \(shape); at most \(limits.voxels) voxels are taken")
            }
            voxels = product
        }
        return voxels
    }

    private func checkGeometry() throws(WireError) {
        guard affine.count == 4, affine.allSatisfy({ $0.count == 4 }), affine[3] == [0, 0, 0, 1] else {
            throw WireError(.malformed, "affine", "is not four rows of four numbers with 0, 0, 0, 1 as the last")
        }
        for row in affine {
            guard row.allSatisfy({ $0.isFinite && abs($0) < 1e6 }) else {
                throw WireError(.malformed, "affine", "has entries that are no millimetres: \(row)")
            }
        }
        try Check.finite(slope, "slope")
        try Check.finite(intercept, "intercept")
        if slope == 0 { throw WireError(.malformed, "slope", "is 0: all voxels would be the same") }
    }
}
