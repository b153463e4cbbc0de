import Foundation

/// What a Pyneal-Scanner sender says about a volume: the first part of its message, JSON.
public struct PynealHeader: Sendable, Equatable {
    /// The longest header, in bytes.
    public static let longest = 16 << 10
    /// The most voxels along an axis.
    static let largestDimension = 32_767

    /// The volume's number in the run, from 0.
    public var volumeIndex: Int
    /// The type of a voxel.
    public var dataType: PynealDataType
    /// Whether the most significant byte of a voxel comes first.
    public var isBigEndian = false
    /// The number of voxels along each axis.
    public var shape: SIMD3<Int>
    /// From voxel indices to mm in RAS+: the first three rows of the 4×4 matrix, row by row.
    public var affine: [Double]
    /// The time from volume to volume in s.
    public var repetitionTime: Double?

    /// Describes a volume.
    public init(
        volumeIndex: Int,
        dataType: PynealDataType,
        shape: SIMD3<Int>,
        affine: [Double],
        repetitionTime: Double? = nil
    ) {
        precondition(affine.count == 12, "an affine has 12 numbers")
        (self.volumeIndex, self.dataType, self.shape, self.affine) = (volumeIndex, dataType, shape, affine)
        self.repetitionTime = repetitionTime
    }

    /// The bytes of the volume.
    public var payloadSize: Int { shape.x * shape.y * shape.z * dataType.size }
}

extension PynealHeader {
    /// Reads a header.
    ///
    /// - Parameters:
    ///   - json: The first part of a message.
    ///   - largestVolume: The most bytes of a volume.
    /// - Throws: `malformed` where something is missing or wrong, `unsupported` for voxels that are not real numbers,
    ///   `tooLarge` beyond the limits.
    public init(json: [UInt8], largestVolume: Int) throws(WireError) {
        guard json.count <= Self.longest else {
            throw WireError(.tooLarge, "Pyneal header", "has \(json.count) bytes, more than \(Self.longest)")
        }
        let members: Members
        do {
            members = try JSONDecoder().decode(Members.self, from: Data(json))
        } catch {
            throw Self.error("is not a JSON object with volIdx, dtype, shape, affine and TR")
        }
        guard (0..<1_000_000).contains(members.volIdx) else {
            throw Self.error("has volIdx \(members.volIdx), not the number of a volume")
        }
        let (type, isBigEndian) = try Self.dataType(members.dtype)
        guard members.shape.count == 3, members.shape.allSatisfy({ (1...Self.largestDimension).contains($0) }) else {
            throw Self.error("has shape \(members.shape.prefix(8)), not three numbers of voxels")
        }
        let shape = SIMD3(members.shape[0], members.shape[1], members.shape[2])
        self.init(
            volumeIndex: members.volIdx,
            dataType: type,
            shape: shape,
            affine: try Self.affine(members.affine),
            repetitionTime: Self.seconds(members.repetitionTime)
        )
        self.isBigEndian = isBigEndian
        guard payloadSize <= largestVolume else {
            let claim = "\(shape.x)×\(shape.y)×\(shape.z) voxels of \(type.rawValue)"
            throw WireError(.tooLarge, "Pyneal header", "claims \(claim), more than \(largestVolume) bytes")
        }
    }

    private static func error(_ detail: String) -> WireError { WireError(.malformed, "Pyneal header", detail) }

    private static func dataType(_ name: String) throws(WireError) -> (PynealDataType, isBigEndian: Bool) {
        let hasOrder = "<>|=".contains(name.prefix(1)) && !name.isEmpty
        guard let type = PynealDataType(name: hasOrder ? name.dropFirst() : name[...]) else {
            let detail = "has dtype `\(name.prefix(40))`, which is not one real number for each voxel"
            throw WireError(.unsupported, "Pyneal header", detail)
        }
        return (type, name.hasPrefix(">"))
    }

    /// The matrix is JSON within a string of the JSON.
    private static func affine(_ text: String) throws(WireError) -> [Double] {
        guard let rows = try? JSONDecoder().decode([[Double]].self, from: Data(text.utf8)), rows.count == 4,
            rows.allSatisfy({ $0.count == 4 && $0.allSatisfy { abs($0) < 1e6 } })
        else { throw error("has no 4×4 matrix of numbers as affine") }
        let affine = Array(rows.joined().prefix(12))
        guard abs(AFNIGeometry.determinant(affine)) > 1e-9 else { throw error("has an affine that cannot be inverted") }
        return affine
    }

    /// Siemens and GE senders give seconds, Philips senders and the simulator milliseconds; no volume takes 50 s.
    private static func seconds(_ value: Double?) -> Double? {
        guard let value, value > 0, value < 1e6 else { return nil }
        return value > 50 ? value / 1000 : value
    }

    /// The header as a sender writes it, with seconds.
    public var encoded: [UInt8] {
        let rows = (0..<3).map { Array(affine[$0 * 4..<$0 * 4 + 4]) } + [[0, 0, 0, 1]]
        let matrix =
            "[" + rows.map { "[" + $0.map { "\($0)" }.joined(separator: ", ") + "]" }.joined(separator: ", ") + "]"
        let type = isBigEndian ? ">\(dataType.rawValue)" : dataType.rawValue
        let dimensions = "[\(shape.x), \(shape.y), \(shape.z)]"
        return Array(
            """
            {"volIdx": \(volumeIndex), "dtype": "\(type)", "shape": \(dimensions), "affine": "\(matrix)", \
            "TR": "\(repetitionTime.map { "\($0)" } ?? "0")"}
            """.utf8
        )
    }

    private struct Members: Decodable {
        let volIdx: Int
        let dtype: String
        let shape: [Int]
        let affine: String
        /// The number in the text, or a number.
        let repetitionTime: Double?

        enum CodingKeys: String, CodingKey {
            case volIdx, dtype, shape, affine
            case repetitionTime = "TR"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            volIdx = try members.decode(Int.self, forKey: .volIdx)
            dtype = try members.decode(String.self, forKey: .dtype)
            shape = try members.decode([Int].self, forKey: .shape)
            affine = try members.decode(String.self, forKey: .affine)
            let text = try? members.decode(String.self, forKey: .repetitionTime)
            repetitionTime = try text.map { Double($0) } ?? members.decode(Double.self, forKey: .repetitionTime)
        }
    }
}
