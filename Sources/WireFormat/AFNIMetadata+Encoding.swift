extension AFNIMetadata {
    /// The block of lines that comes before images, with the zero byte at its end.
    ///
    /// The axes are the nearest ones of the body; a grid that is tilted against them is given exactly by its matrix as well.
    public var encoded: [UInt8] {
        var lines = ["ACQUISITION_TYPE \(acquisition.rawValue)"]
        if let name { lines.append("PREFIX \(name.prefix(100))") }
        if let repetitionTime { lines.append("TR \(repetitionTime)") }
        if let plannedVolumes { lines.append("NUMVOL \(plannedVolumes)") }
        lines += geometryLines
        lines.append("DATUM \(datum.rawValue)")
        lines.append("BYTEORDER \(isBigEndian ? "MSB_FIRST" : "LSB_FIRST")")
        lines.append("ZORDER \(sliceOrder.text)")
        if !sliceTimes.isEmpty { lines.append("TPATTERN explicit \(Self.list(sliceTimes))") }
        if channels > 1 { lines.append("NUM_CHAN \(channels)") }
        if !echoTimes.isEmpty { lines.append("ECHO_TIMES \(Self.list(echoTimes))") }
        lines += notes.map { "NOTE \($0)" }
        // A name or note must not begin another line or end the block.
        let safe = lines.map { line in line.filter { !$0.isNewline && $0 != "\0" } }
        return Array((safe.joined(separator: "\n") + "\n").utf8) + [0]
    }

    private var geometryLines: [String] {
        let dicom = AFNIGeometry.reflected(affine)
        let columns = (0..<3).map { column in (0..<3).map { dicom[$0 * 4 + column] } }
        let sizes = columns.map { column in column.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let axes = Self.nearestAxes(columns, sizes)
        let extent = (0..<3).map { Self.extent(of: sizes[$0], count: shape[$0]) }
        var lines = [
            "XYMATRIX \(shape.x) \(shape.y) \(shape.z)",
            "XYFOV \(Self.list(extent))",
            "XYZAXES \(axes.map(\.code).joined(separator: " "))",
            "XYZFIRST \(axes.map { $0.place(dicom[$0.world * 4 + 3]) }.joined(separator: " "))",
        ]
        let isTilted = zip(columns, axes).contains { column, axis in
            (0..<3).contains { $0 != axis.world && abs(column[$0]) > 1e-6 }
        }
        if isTilted { lines.append("OBLIQUE_XFORM \(Self.list(dicom + [0, 0, 0, 1]))") }
        return lines
    }

    /// The length that gives the voxels' size again when it is divided by their number.
    private static func extent(of size: Double, count: Int) -> Double {
        let extent = size * Double(count)
        return [extent, extent.nextUp, extent.nextDown].first { $0 / Double(count) == size } ?? extent
    }

    /// The axes of the body that three directions fit best, all different.
    private static func nearestAxes(_ columns: [[Double]], _ sizes: [Double]) -> [AFNIAxis] {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        let fit = { (order: [Int]) in (0..<3).reduce(0.0) { $0 + abs(columns[$1][order[$1]]) / sizes[$1] } }
        let best = orders.max { fit($0) < fit($1) - 1e-9 } ?? orders[0]
        return best.enumerated().map { AFNIAxis(world: $1, isPositive: columns[$0][$1] >= 0) }
    }

    private static func list(_ values: [Double]) -> String {
        values.map { "\($0)" }.joined(separator: " ")
    }
}

extension AFNIMetadata.SliceOrder {
    /// `alt`, `seq` or `explicit` with the slices.
    var text: String {
        switch self {
        case .alternating: "alt"
        case .sequential: "seq"
        case .explicit(let slices): "explicit " + slices.map(String.init).joined(separator: " ")
        }
    }
}
