extension NIfTIHeader {
    /// The bytes that suffice to read a header of either version.
    static let longestSize = 540
    /// More voxels than any scanner makes: beyond this a header is taken for damage.
    static let mostVoxels = 1 << 40

    /// Reads a header from the first bytes of a file.
    ///
    /// Throws `truncated`, `malformed` or `unsupported`.
    public init(parsing bytes: [UInt8]) throws(NeuroimagingError) {
        guard bytes.count >= 348 else { throw Self.failure(.truncated, "is shorter than a NIfTI header") }
        let little = BinaryReader(bytes: bytes, isBigEndian: false)
        let big = BinaryReader(bytes: bytes, isBigEndian: true)
        switch (little.int32(0), big.int32(0)) {
        case (348, _): self = try Self.version1(little)
        case (_, 348): self = try Self.version1(big)
        case (540, _): self = try Self.version2(little)
        case (_, 540): self = try Self.version2(big)
        default: throw Self.failure(.malformed, "is not a NIfTI file: it does not begin with a header's length")
        }
    }

    private static func version1(_ reader: BinaryReader) throws(NeuroimagingError) -> NIfTIHeader {
        let magic = Array(reader.bytes[344..<348])
        guard magic == Array("n+1\0".utf8) || magic == Array("ni1\0".utf8) else {
            let analyze = magic == [0, 0, 0, 0]
            throw failure(
                analyze ? .unsupported : .malformed,
                analyze
                    ? "is an Analyze 7.5 header, which has no orientation; convert it to NIfTI"
                    : "lacks the mark of NIfTI-1 at byte 344"
            )
        }
        return try assemble(
            Fields(
                reader: reader,
                isSingleFile: magic[1] == UInt8(ascii: "+"),
                dimensions: (0..<8).map { reader.int16(40 + 2 * $0) },
                dataType: reader.int16(70),
                bits: reader.int16(72),
                spacings: (0..<8).map { reader.float(76 + 4 * $0) },
                offset: reader.float(108),
                scaling: (reader.float(112), reader.float(116)),
                units: Int(reader.bytes[123]),
                codes: (reader.int16(252), reader.int16(254)),
                quaternion: (0..<6).map { reader.float(256 + 4 * $0) },
                sform: (0..<12).map { reader.float(280 + 4 * $0) },
                intent: reader.int16(68),
                description: reader.text(148, 80),
                version: 1
            )
        )
    }

    private static func version2(_ reader: BinaryReader) throws(NeuroimagingError) -> NIfTIHeader {
        guard reader.bytes.count >= 540 else { throw failure(.truncated, "is shorter than a NIfTI-2 header") }
        let magic = Array(reader.bytes[4..<12])
        let tail: [UInt8] = [0, 0x0D, 0x0A, 0x1A, 0x0A]
        guard magic == Array("n+2".utf8) + tail || magic == Array("ni2".utf8) + tail else {
            throw failure(.malformed, "lacks the mark of NIfTI-2 at byte 4")
        }
        return try assemble(
            Fields(
                reader: reader,
                isSingleFile: magic[1] == UInt8(ascii: "+"),
                dimensions: (0..<8).map { reader.int64(16 + 8 * $0) },
                dataType: reader.int16(12),
                bits: reader.int16(14),
                spacings: (0..<8).map { reader.double(104 + 8 * $0) },
                offset: Double(reader.int64(168)),
                scaling: (reader.double(176), reader.double(184)),
                units: reader.int32(500),
                codes: (reader.int32(344), reader.int32(348)),
                quaternion: (0..<6).map { reader.double(352 + 8 * $0) },
                sform: (0..<12).map { reader.double(400 + 8 * $0) },
                intent: reader.int32(504),
                description: reader.text(240, 80),
                version: 2
            )
        )
    }

    /// The fields of either version, as stored.
    private struct Fields {
        let reader: BinaryReader
        let isSingleFile: Bool
        let dimensions: [Int]
        let dataType: Int
        let bits: Int
        let spacings: [Double]
        let offset: Double
        let scaling: (slope: Double, intercept: Double)
        let units: Int
        let codes: (qform: Int, sform: Int)
        let quaternion: [Double]
        let sform: [Double]
        let intent: Int
        let description: String
        let version: Int
    }

    private static func assemble(_ fields: Fields) throws(NeuroimagingError) -> NIfTIHeader {
        guard let dataType = NIfTIDataType(rawValue: fields.dataType) else {
            throw failure(.unsupported, "stores voxels of unknown type \(fields.dataType)")
        }
        guard fields.version == 1 || !(3000...3099).contains(fields.intent) else {
            throw failure(.unsupported, "is a CIFTI-2 matrix, not an image of voxels")
        }
        let dimensions = try checkedDimensions(fields.dimensions)
        let spacings = (1..<8).map { fields.spacings[$0] }
        let affine = try affine(fields, dimensions, spacings)
        var header = NIfTIHeader(
            dimensions: dimensions,
            dataType: dataType,
            spacings: Array(spacings.prefix(dimensions.count)),
            affine: affine
        )
        header.version = fields.version
        header.isBigEndian = fields.reader.isBigEndian
        header.isSingleFile = fields.isSingleFile
        header.codes = fields.codes
        header.scaling = try scaling(fields.scaling)
        header.dataOffset = try offset(fields)
        header.timeUnit = fields.units & 0x38
        header.description = fields.description
        return header
    }

    private static func checkedDimensions(_ stored: [Int]) throws(NeuroimagingError) -> [Int] {
        guard (1...7).contains(stored[0]) else {
            throw failure(.malformed, "declares \(stored[0]) axes; an image has 1 to 7")
        }
        let dimensions = Array(stored[1...stored[0]])
        var voxels = 1
        for (axis, length) in dimensions.enumerated() {
            let (product, overflow) = voxels.multipliedReportingOverflow(by: length)
            guard length > 0, !overflow, product <= mostVoxels else {
                throw failure(.malformed, "declares \(length) voxels along axis \(axis + 1)")
            }
            voxels = product
        }
        return dimensions
    }

    private static func scaling(
        _ stored: (slope: Double, intercept: Double)
    ) throws(NeuroimagingError) -> (slope: Double, intercept: Double) {
        guard stored.slope.isFinite, stored.slope != 0 else { return (1, 0) }
        guard stored.intercept.isFinite else {
            throw failure(.malformed, "has a slope of \(stored.slope) but no valid intercept")
        }
        return stored
    }

    private static func offset(_ fields: Fields) throws(NeuroimagingError) -> Int {
        guard fields.offset.isFinite, fields.offset >= 0, fields.offset < 0x1p40 else {
            throw failure(.malformed, "says that its voxels begin at byte \(fields.offset)")
        }
        let first = fields.isSingleFile ? (fields.version == 1 ? 352 : 544) : 0
        guard fields.offset == 0 || Int(fields.offset) >= first - 4 else {
            throw failure(.malformed, "says that its voxels begin inside the header, at byte \(fields.offset)")
        }
        return fields.offset == 0 ? first : Int(fields.offset)
    }

    private static func affine(
        _ fields: Fields,
        _ dimensions: [Int],
        _ spacings: [Double]
    ) throws(NeuroimagingError) -> Affine {
        let sizes = (0..<3).map { spacings[$0].isFinite && spacings[$0] != 0 ? spacings[$0] : 1 }
        let affine: Affine
        if fields.codes.sform > 0 {
            affine = Affine(numbers: fields.sform)
        } else if fields.codes.qform > 0 {
            affine = qform(fields.quaternion, sizes, mirrored: fields.spacings[0] == -1)
        } else {
            let centre = (0..<3).map { axis in
                (Double(axis < dimensions.count ? dimensions[axis] : 1) - 1) / 2 * sizes[axis] * (axis == 0 ? -1 : 1)
            }
            affine = Affine(
                [-sizes[0], 0, 0],
                [0, sizes[1], 0],
                [0, 0, sizes[2]],
                translation: [-centre[0], -centre[1], -centre[2]]
            )
        }
        guard affine.isUsable else {
            throw failure(.malformed, "has an affine that cannot be inverted: \(affine.rows.map { "\($0)" }.joined())")
        }
        return affine
    }

    /// The rotation of a unit quaternion (b, c, d), voxel sizes and an offset.
    private static func qform(_ quaternion: [Double], _ sizes: [Double], mirrored: Bool) -> Affine {
        var (b, c, d) = (quaternion[0], quaternion[1], quaternion[2])
        let rest = 1 - (b * b + c * c + d * d)
        var a = 0.0
        if rest < 1e-7 {
            let norm = (b * b + c * c + d * d).squareRoot()
            (b, c, d) = (b / norm, c / norm, d / norm)
        } else {
            a = rest.squareRoot()
        }
        let last = mirrored ? -sizes[2] : sizes[2]
        return Affine(
            SIMD3(a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)) * sizes[0],
            SIMD3(2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)) * sizes[1],
            SIMD3(2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c) * last,
            translation: [quaternion[3], quaternion[4], quaternion[5]]
        )
    }

    private static func failure(_ code: NeuroimagingError.Code, _ detail: String) -> NeuroimagingError {
        NeuroimagingError(code, "", detail)
    }
}
