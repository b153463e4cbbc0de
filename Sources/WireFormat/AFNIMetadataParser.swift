/// Reads AFNI's commands in whatever order they come.
struct AFNIMetadataParser {
    private typealias Words = ArraySlice<Substring>

    private var acquisition = AFNIMetadata.Acquisition.runBySlice
    private var datum = AFNIMetadata.Datum.short
    private var isBigEndian = false
    private var name: String?
    private var repetitionTime: Double?
    private var plannedVolumes: Int?
    private var fieldOfView = SIMD3<Double>.zero
    private var sliceThickness: Double?
    private var sliceGap = 0.0
    private var matrix = SIMD3<Int>.zero
    private var sliceOrder: AFNIMetadata.SliceOrder? = .alternating
    private var timing: Words = []
    private var isOrderLocked = false
    private var axes: [AFNIAxis]?
    private var first: [AFNIGeometry.Origin?] = [nil, nil, nil]
    private var offset = SIMD3<Double>.zero
    private var oblique: [Double]?
    private var channels = 1
    private var echoTimes: [Double] = []
    private var notes: [String] = []
    var warnings: [String] = []

    /// Takes in a line.
    mutating func read(_ line: String) throws(WireError) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard let command = words.first else { return }
        let understood =
            try readImages(command, words.dropFirst()) ?? readGeometry(command, words.dropFirst())
            ?? readRun(command, words.dropFirst(), line)
        if understood != true {
            let shown = line.prefix(80)
            warnings.append(
                understood == nil ? "`\(shown)` is unknown" : "`\(shown)` has wrong values and was left out"
            )
        }
    }

    /// Takes in what decides how bytes are read, where a mistake must not pass; nil for other commands.
    private mutating func readImages(_ command: Substring, _ words: Words) throws(WireError) -> Bool? {
        let word = words.first.map(String.init) ?? ""
        switch command {
        case "ACQUISITION_TYPE":
            acquisition = try Self.known(AFNIMetadata.Acquisition(rawValue: word), command, word)
        case "DATUM":
            if ["complex", "rgb", "rgba", "rgbyte"].contains(word) {
                let detail = "is \(word), not one real number for each voxel; have the sender send short or float"
                throw WireError(.unsupported, "DATUM", detail)
            }
            datum = try Self.known(AFNIMetadata.Datum(rawValue: word), command, word)
        case "BYTEORDER":
            let orders = ["LSB_FIRST": false, "MSB_FIRST": true]
            isBigEndian = try Self.known(orders[word], command, word)
        case "NUM_CHAN":
            channels = try Self.known(Int(word).flatMap { (1...32).contains($0) ? $0 : nil }, command, word)
        default: return nil
        }
        return true
    }

    private static func known<Value>(_ value: Value?, _ command: Substring, _ word: String) throws(WireError) -> Value {
        guard let value else {
            throw WireError(.unsupported, String(command), "is `\(word.prefix(40))`, which is not known")
        }
        return value
    }

    /// Takes in where voxels are; false for wrong values, nil for other commands.
    private mutating func readGeometry(_ command: Substring, _ words: Words) -> Bool? {
        switch command {
        case "XYFOV":
            guard let values = numbers(words, 1...3), values[0] > 0 else { return false }
            let y = values.count > 1 && values[1] > 0 ? values[1] : values[0]
            fieldOfView = [values[0], y, values.count > 2 && values[2] > 0 ? values[2] : fieldOfView.z]
        case "ZDELTA":
            guard let value = numbers(words, 1...1)?[0], value > 0 else { return false }
            sliceThickness = value
        case "ZGAP":
            guard let value = numbers(words, 1...1)?[0], value >= 0 else { return false }
            sliceGap = value
        case "XYMATRIX":
            guard let values = counts(words, 1...3), values[0] > 1 else { return false }
            let y = values.count > 1 && values[1] > 1 ? values[1] : values[0]
            matrix = [values[0], y, values.count > 2 && values[2] > 0 ? values[2] : matrix.z]
        case "ZNUM":
            guard let value = counts(words, 1...1)?[0], value > 0 else { return false }
            matrix.z = value
        case "XYZAXES":
            let codes = words.compactMap { AFNIAxis($0) }
            guard words.count == 3, codes.count == 3, Set(codes.map(\.world)).count == 3 else { return false }
            axes = codes
        case "ZFIRST":
            guard words.count == 1, let origin = origin(words.first) else { return false }
            first[2] = origin
        case "XYZFIRST":
            let origins = words.compactMap { origin($0) }
            guard words.count == 3, origins.count == 3 else { return false }
            first = origins
        case "XYZOFF":
            guard let values = numbers(words, 3...3) else { return false }
            (offset, first) = ([values[0], values[1], values[2]], [nil, nil, nil])
        case "OBLIQUE_XFORM":
            guard let values = numbers(words, 16...16) else { return false }
            oblique = values
        default: return nil
        }
        return true
    }

    /// Takes in what else there is to say; false for wrong values, nil for unknown commands.
    private mutating func readRun(_ command: Substring, _ words: Words, _ line: String) -> Bool? {
        switch command {
        case "NAME", "PREFIX":
            guard let word = words.first, word.count <= 100, !word.contains("/") else { return false }
            name = String(word)
        case "TR":
            guard let value = numbers(words, 1...1)?[0], value > 0 else { return false }
            repetitionTime = value
        case "NUMVOL":
            guard let value = counts(words, 1...1)?[0], value > 0 else { return false }
            plannedVolumes = value
        case "LOCK_ZORDER": isOrderLocked = true
        case "ZORDER": return isOrderLocked || readSliceOrder(words)
        case "TPATTERN":
            guard !isOrderLocked else { return true }
            guard ["alt+z", "seq+z", "explicit"].contains(words.first) else { return false }
            timing = words
        case "ECHO_TIMES":
            guard let values = numbers(words, 1...32) else { return false }
            echoTimes = values
        case "NOTE": notes.append(String(line.drop(while: \.isWhitespace).dropFirst(5)))
        case "GRAPH_XRANGE", "GRAPH_YRANGE", "GRAPH_EXPR", "DRIVE_AFNI", "DRIVE_WAIT": break  // AFNI's windows only
        default: return nil
        }
        return true
    }

    private mutating func readSliceOrder(_ words: Words) -> Bool {
        switch words.first {
        case "alt": sliceOrder = .alternating
        case "seq": sliceOrder = .sequential
        case "explicit":
            sliceOrder = counts(words.dropFirst(), 1...AFNIMetadata.longestLine).map { .explicit($0) }
        default: sliceOrder = nil
        }
        return sliceOrder != nil
    }

    private func origin(_ word: Substring?) -> AFNIGeometry.Origin? {
        guard var word, let last = word.last else { return nil }
        let side = last.isLetter ? last : nil
        if side != nil { word.removeLast() }
        return numbers([word], 1...1).map { AFNIGeometry.Origin(distance: $0[0], side: side) }
    }

    /// Numbers of a size that can be meant, in any number within a range.
    private func numbers(_ words: Words, _ count: ClosedRange<Int>) -> [Double]? {
        let values = words.compactMap { Double($0) }.filter { abs($0) < 1e6 }
        return values.count == words.count && count.contains(values.count) ? values : nil
    }

    private func counts(_ words: Words, _ count: ClosedRange<Int>) -> [Int]? {
        let values = words.compactMap { Int($0) }.filter { (0...1_000_000).contains($0) }
        return values.count == words.count && count.contains(values.count) ? values : nil
    }

    /// Puts together what was read.
    mutating func metadata(largestVolume: Int) throws(WireError) -> AFNIMetadata {
        guard matrix.x > 1, matrix.y > 1 else { throw Self.missing("XYMATRIX", "the number of voxels along x and y") }
        guard matrix.z > 0 else { throw Self.missing("ZNUM", "the number of slices") }
        guard fieldOfView.x > 0 else { throw Self.missing("XYFOV", "the size of images in mm") }
        guard let axes else { throw Self.missing("XYZAXES", "the directions of the axes") }
        let depth = fieldOfView.z > 0 ? fieldOfView.z / Double(matrix.z) + sliceGap : sliceThickness
        guard let depth else { throw Self.missing("ZDELTA", "the thickness of slices") }
        try checkSize(largestVolume)

        for (axis, origin) in zip(axes, first) {
            if let side = origin?.side, axis.sign(toward: side) == nil {
                warnings.append("a first voxel lies toward \(side), which is not along its axis \(axis.code)")
            }
        }
        let width = fieldOfView / SIMD3(Double(matrix.x), Double(matrix.y), 1)
        let geometry = AFNIGeometry(
            axes: axes,
            shape: matrix,
            voxelSize: [width.x, width.y, depth],
            first: first,
            offset: offset
        )
        var metadata = AFNIMetadata(shape: matrix, affine: affine(geometry))
        metadata.acquisition = acquisition
        metadata.name = name
        metadata.repetitionTime = repetitionTime
        metadata.plannedVolumes = plannedVolumes
        metadata.datum = datum
        metadata.isBigEndian = isBigEndian
        metadata.channels = channels
        metadata.echoTimes = echoTimes
        metadata.sliceOrder = try checkedSliceOrder()
        metadata.sliceTimes = sliceTimes()
        (metadata.notes, metadata.warnings) = (notes, warnings)
        return metadata
    }

    private static func missing(_ command: String, _ what: String) -> WireError {
        WireError(.malformed, "AFNI metadata", "lacks \(command), \(what)")
    }

    private func checkSize(_ largestVolume: Int) throws(WireError) {
        let isNarrow = (0..<3).allSatisfy { matrix[$0] <= AFNIMetadata.largestDimension }
        // Three dimensions below 2¹⁵ and 32 channels of 8 bytes stay below 2⁵³.
        guard isNarrow, matrix.x * matrix.y * matrix.z * datum.size * channels <= largestVolume else {
            let claim = "\(matrix.x)×\(matrix.y)×\(matrix.z) voxels of \(datum.rawValue) in \(channels) channels"
            throw WireError(.tooLarge, "AFNI metadata", "claims \(claim), more than \(largestVolume) bytes")
        }
    }

    private mutating func affine(_ geometry: AFNIGeometry) -> [Double] {
        guard let oblique else { return geometry.affine }
        let volume = geometry.voxelSize.x * geometry.voxelSize.y * geometry.voxelSize.z
        let claimed = abs(AFNIGeometry.determinant(oblique))
        guard claimed > 1e-9 else {
            warnings.append("OBLIQUE_XFORM cannot be inverted; the axes are taken from XYZAXES")
            return geometry.affine
        }
        if abs(claimed / volume - 1) > 0.05 {
            warnings.append("OBLIQUE_XFORM makes voxels of \(claimed) mm³, the field of view of \(volume) mm³")
        }
        return AFNIGeometry.reflected(Array(oblique.prefix(12)))
    }

    private mutating func checkedSliceOrder() throws(WireError) -> AFNIMetadata.SliceOrder {
        guard case .explicit(let slices) = sliceOrder else { return try slicesMatter(sliceOrder) }
        // Senders count slices from 0 or from 1.
        let base = slices.contains(0) ? 0 : 1
        let order = slices.map { $0 - base }
        return try slicesMatter(order.sorted() == Array(0..<matrix.z) ? .explicit(order) : nil)
    }

    private func slicesMatter(_ order: AFNIMetadata.SliceOrder?) throws(WireError) -> AFNIMetadata.SliceOrder {
        if let order { return order }
        guard !acquisition.isBySlice else {
            throw WireError(.malformed, "ZORDER", "does not name each of the \(matrix.z) slices once")
        }
        return .sequential
    }

    private mutating func sliceTimes() -> [Double] {
        if timing.first == "explicit" {
            if let times = numbers(timing.dropFirst(), matrix.z...matrix.z) { return times }
            warnings.append("TPATTERN does not give a time for each of the \(matrix.z) slices")
            return []
        }
        guard let pattern = timing.first, let repetitionTime else { return [] }
        let order: AFNIMetadata.SliceOrder = pattern == "alt+z" ? .alternating : .sequential
        var times = [Double](repeating: 0, count: matrix.z)
        for (place, slice) in order.slices(count: matrix.z).enumerated() {
            times[slice] = Double(place) * repetitionTime / Double(matrix.z)
        }
        return times
    }
}
