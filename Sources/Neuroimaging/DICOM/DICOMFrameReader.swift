/// Reads the frames of a file, classic or enhanced.
struct DICOMFrameReader {
    private let dataSet: DICOMDataSet
    private let groups: DICOMFunctionalGroups
    private let vendor: DICOMVendor
    private let dimensions: [DICOMTag]

    init(_ dataSet: DICOMDataSet, groups: DICOMFunctionalGroups, vendor: DICOMVendor) {
        self.dataSet = dataSet
        self.groups = groups
        self.vendor = vendor
        dimensions = dataSet.items(.dimensionIndex).map { item in
            // An attribute tag is two 16-bit numbers.
            guard let bytes = item.bytes(.dimensionIndexPointer), bytes.count >= 4 else { return DICOMTag(0, 0) }
            let at = bytes.startIndex
            let isBig = dataSet.transferSyntax.isBigEndian
            let number = { (offset: Int) -> UInt16 in
                let (first, second) = (UInt16(bytes[at + offset]), UInt16(bytes[at + offset + 1]))
                return isBig ? first << 8 | second : second << 8 | first
            }
            return DICOMTag(number(0), number(2))
        }
    }

    /// The frames in the order of the file, with the volume that each belongs to.
    ///
    /// - Throws: ``NeuroimagingError`` with `missing` where a frame has no position.
    func frames(count: Int) throws(NeuroimagingError) -> [DICOMFrame] {
        guard count == 1 || groups.count == count else {
            throw NeuroimagingError(
                .missing,
                "\(DICOMTag.perFrameFunctionalGroups)",
                "the file has \(count) frames and says where \(groups.count) of them are"
            )
        }
        var frames: [DICOMFrame] = []
        var keys: [[Int]] = []
        let first = groups.numbers(.imageOrientation, in: .planeOrientation, frame: 0, count: 6)
        for index in 0..<count {
            guard let position = groups.numbers(.imagePosition, in: .planePosition, frame: index, count: 3) else {
                throw NeuroimagingError(
                    .missing,
                    "\(DICOMTag.imagePosition)",
                    "frame \(index + 1) has no Image Position (Patient)"
                )
            }
            if let orientation = groups.numbers(.imageOrientation, in: .planeOrientation, frame: index, count: 6),
                zip(orientation, first ?? orientation).contains(where: { abs($0 - $1) > 1e-3 })
            {
                throw NeuroimagingError(.inconsistent, "frame \(index + 1)", "it is not parallel to the first")
            }
            var frame = DICOMFrame(index: index, position: SIMD3(position[0], position[1], position[2]))
            (frame.slope, frame.intercept) = scaling(index)
            frame.clock = clock(index)
            frame.time = time(index)
            frame.stackPosition = groups.number(.inStackPositionNumber, in: .frameContent, frame: index)
            if count > 1 {
                frame.channel = channel(index)
                frame.echoTime = groups.echoTime(frame: index)
            }
            frames.append(frame)
            keys.append(count > 1 ? temporalKey(index) : [])
        }
        guard count > 1 else { return frames }
        DICOMFrameGrouping.assign(&frames, keys: keys)
        return frames
    }

    /// The slope and intercept of a frame.
    ///
    /// Philips' display values differ from dynamic to dynamic; with the private scale slope they become comparable
    /// (Chenevert et al. 2014, Translational Oncology 7, 65).
    private func scaling(_ frame: Int) -> (Double, Double) {
        let slope = groups.number(.rescaleSlope, in: .pixelValueTransformation, frame: frame) ?? 1
        let intercept = groups.number(.rescaleIntercept, in: .pixelValueTransformation, frame: frame) ?? 0
        guard slope != 0 else { return (1, intercept) }
        guard vendor == .philips else { return (slope, intercept) }
        let scale = groups.number(.philipsScaleSlope, in: .philipsFrame, frame: frame) ?? 0
        return scale != 0 ? (1 / scale, intercept / (slope * scale)) : (slope, intercept)
    }

    private func clock(_ frame: Int) -> Double? {
        let text = groups.string(.frameAcquisitionDateTime, in: .frameContent, frame: frame)
        return DICOMTime.seconds(text ?? dataSet.string(.acquisitionTime) ?? dataSet.string(.acquisitionDateTime))
    }

    /// Siemens' time after start, or the timers of GE, in seconds.
    private func time(_ frame: Int) -> Double? {
        switch vendor {
        case .siemens: groups.number(.siemensTimeAfterStart, in: .siemensFrameGroup, frame: frame)
        case .ge:
            groups.number(.geTimer, in: .siemensFrameGroup, frame: frame)
                ?? groups.number(.triggerTime, in: .siemensFrameGroup, frame: frame).map { $0 / 1000 }
        default: nil
        }
    }

    /// The echo and component of a frame of an enhanced file.
    private func channel(_ frame: Int) -> String {
        let echo = ((groups.echoTime(frame: frame) ?? 0) * 1e6).rounded() / 1e3
        let component = groups.string(.complexComponent, in: .mrImageFrameType, frame: frame) ?? "MAGNITUDE"
        return "TE \(echo) \(component.prefix(1))"
    }

    /// The indices of a frame that are not of space, the slowest first.
    private func temporalKey(_ frame: Int) -> [Int] {
        let spatial: Set<DICOMTag> = [.stackIdentifier, .inStackPositionNumber, .imagePosition]
        if let values = groups.holder(of: .dimensionIndexValues, in: .frameContent, frame: frame)
            .flatMap({ try? $0.doubles(.dimensionIndexValues) }), values.count == dimensions.count, !values.isEmpty
        {
            let stack = dimensions.lastIndex { $0 == .inStackPositionNumber || $0 == .imagePosition } ?? 0
            let key = zip(dimensions, values).filter { !spatial.contains($0.0) }.compactMap { Int(exactly: $0.1) }
            // Where space comes before time, later dimensions are slower.
            return stack < dimensions.count - 1 ? key.reversed() : key
        }
        let index = groups.number(.temporalPositionIndex, in: .frameContent, frame: frame)
        return index.flatMap { Int(exactly: $0) }.map { [$0] } ?? []
    }
}

/// Sorts the frames of a file into volumes.
enum DICOMFrameGrouping {
    /// Numbers the volumes of each channel by their keys or, where keys do not make whole volumes, by how many frames
    /// at the place came before in the file.
    static func assign(_ frames: inout [DICOMFrame], keys: [[Int]]) {
        for (_, members) in Dictionary(grouping: frames.indices, by: { frames[$0].channel }) {
            let sorted = Set(members.map { keys[$0] }).sorted { $0.lexicographicallyPrecedes($1) }
            let ranks = Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices))
            let places = DICOMPlaces(members.map { frames[$0].position })
            var taken: Set<[Int]> = []
            var sizes = [Int](repeating: 0, count: sorted.count)
            var isDistinct = true
            var seen = [Int](repeating: 0, count: places.count)
            var occurrences: [Int] = []
            for (member, place) in zip(members, places.indices) {
                let rank = ranks[keys[member]] ?? 0
                frames[member].volume = rank
                sizes[rank] += 1
                isDistinct = taken.insert([rank, place]).inserted && isDistinct
                occurrences.append(seen[place])
                seen[place] += 1
            }
            let isWhole = sizes.allSatisfy { $0 == places.count }
            let isRegular = Set(seen).count == 1
            guard !isDistinct || (!isWhole && isRegular) else { continue }
            for (member, occurrence) in zip(members, occurrences) { frames[member].volume = occurrence }
        }
    }
}

/// Which of some positions are the same place.
struct DICOMPlaces {
    /// Positions closer than this, in mm, are one place.
    static let tolerance = 0.02

    /// The place of each position, from 0.
    let indices: [Int]
    /// The number of places.
    let count: Int

    init(_ positions: [SIMD3<Double>]) {
        // Sorted along one direction, only neighbours need to be compared.
        let direction = SIMD3(0.534, 0.267, 0.802)
        let order = positions.indices.sorted { (positions[$0] * direction).sum() < (positions[$1] * direction).sum() }
        var indices = [Int](repeating: -1, count: positions.count)
        var founders: [Int] = []
        for member in order {
            let along = (positions[member] * direction).sum()
            let near = founders.indices.reversed().prefix { place in
                along - (positions[founders[place]] * direction).sum() < 2 * Self.tolerance
            }
            let same = near.first { length(positions[founders[$0]] - positions[member]) < Self.tolerance }
            if same == nil { founders.append(member) }
            indices[member] = same ?? founders.count - 1
        }
        self.indices = indices
        count = founders.count
    }
}
