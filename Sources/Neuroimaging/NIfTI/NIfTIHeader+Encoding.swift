extension NIfTIHeader {
    /// The 348 or 540 bytes of the header; both forms of the orientation are written where the affine allows it.
    var encoded: [UInt8] {
        var writer = FieldWriter(size: version == 1 ? 348 : 540, isBigEndian: isBigEndian)
        let quaternion = quaternion
        let steps = [quaternion?.factor ?? 1] + spacings + [Double](repeating: 0, count: max(0, 7 - spacings.count))
        let axes = [dimensions.count] + dimensions + [Int](repeating: 1, count: 7 - dimensions.count)
        let qform =
            [quaternion?.b ?? 0, quaternion?.c ?? 0, quaternion?.d ?? 0]
            + [affine.translation.x, affine.translation.y, affine.translation.z]
        let sform = affine.numbers
        let sformCode = max(1, codes.sform)
        let qformCode = quaternion == nil ? 0 : max(1, codes.qform)
        let units = 2 | timeUnit
        if version == 1 {
            writer.put(Int32(348), at: 0)
            for (index, value) in axes.enumerated() { writer.put(Int16(value), at: 40 + 2 * index) }
            writer.put(Int16(dataType.rawValue), at: 70)
            writer.put(Int16(8 * dataType.size), at: 72)
            for (index, value) in steps.enumerated() { writer.put(Float(value).bitPattern, at: 76 + 4 * index) }
            writer.put(Float(dataOffset).bitPattern, at: 108)
            writer.put(Float(scaling.slope).bitPattern, at: 112)
            writer.put(Float(scaling.intercept).bitPattern, at: 116)
            writer.put(UInt8(units), at: 123)
            writer.put(description, at: 148)
            writer.put(Int16(qformCode), at: 252)
            writer.put(Int16(sformCode), at: 254)
            for (index, value) in qform.enumerated() { writer.put(Float(value).bitPattern, at: 256 + 4 * index) }
            for (index, value) in sform.enumerated() { writer.put(Float(value).bitPattern, at: 280 + 4 * index) }
            writer.put(isSingleFile ? "n+1" : "ni1", at: 344)
        } else {
            writer.put(Int32(540), at: 0)
            writer.put(isSingleFile ? "n+2" : "ni2", at: 4)
            for (index, byte) in [0x0D, 0x0A, 0x1A, 0x0A].enumerated() { writer.put(UInt8(byte), at: 8 + index) }
            writer.put(Int16(dataType.rawValue), at: 12)
            writer.put(Int16(8 * dataType.size), at: 14)
            for (index, value) in axes.enumerated() { writer.put(Int64(value), at: 16 + 8 * index) }
            for (index, value) in steps.enumerated() { writer.put(value.bitPattern, at: 104 + 8 * index) }
            writer.put(Int64(dataOffset), at: 168)
            writer.put(scaling.slope.bitPattern, at: 176)
            writer.put(scaling.intercept.bitPattern, at: 184)
            writer.put(description, at: 240)
            writer.put(Int32(qformCode), at: 344)
            writer.put(Int32(sformCode), at: 348)
            for (index, value) in qform.enumerated() { writer.put(value.bitPattern, at: 352 + 8 * index) }
            for (index, value) in sform.enumerated() { writer.put(value.bitPattern, at: 400 + 8 * index) }
            writer.put(Int32(units), at: 500)
        }
        return writer.bytes
    }

    /// The rotation of the affine as a unit quaternion with a ≥ 0, and the sign of its last axis; nil if it shears.
    private var quaternion: (b: Double, c: Double, d: Double, factor: Double)? {
        let scales = affine.scales
        let factor: Double = affine.determinant < 0 ? -1 : 1
        let (x, y) = (affine.columns.x / scales.x, affine.columns.y / scales.y)
        let z = affine.columns.z / scales.z * factor
        guard abs((x * y).sum()) < 1e-4, abs((x * z).sum()) < 1e-4, abs((y * z).sum()) < 1e-4 else { return nil }
        // The largest of the four is found first: the others are quotients by it.
        let squares = [1 + x.x + y.y + z.z, 1 + x.x - y.y - z.z, 1 - x.x + y.y - z.z, 1 - x.x - y.y + z.z]
        let largest = squares.indices.max { squares[$0] < squares[$1] } ?? 0
        let root = squares[largest].squareRoot() * 2
        var parts: [Double]
        switch largest {
        case 0: parts = [root / 4, (y.z - z.y) / root, (z.x - x.z) / root, (x.y - y.x) / root]
        case 1: parts = [(y.z - z.y) / root, root / 4, (y.x + x.y) / root, (z.x + x.z) / root]
        case 2: parts = [(z.x - x.z) / root, (y.x + x.y) / root, root / 4, (z.y + y.z) / root]
        default: parts = [(x.y - y.x) / root, (z.x + x.z) / root, (z.y + y.z) / root, root / 4]
        }
        if parts[0] < 0 { parts = parts.map { -$0 } }
        return (parts[1], parts[2], parts[3], factor)
    }
}

/// A header being filled in.
private struct FieldWriter {
    var bytes: [UInt8]
    let isBigEndian: Bool

    init(size: Int, isBigEndian: Bool) {
        bytes = [UInt8](repeating: 0, count: size)
        self.isBigEndian = isBigEndian
    }

    mutating func put<Stored: FixedWidthInteger>(_ value: Stored, at offset: Int) {
        withUnsafeBytes(of: isBigEndian ? value.bigEndian : value.littleEndian) {
            bytes.replaceSubrange(offset..<offset + $0.count, with: $0)
        }
    }

    mutating func put(_ text: String, at offset: Int) {
        let text = Array(text.utf8.prefix(79))
        bytes.replaceSubrange(offset..<offset + text.count, with: text)
    }
}
