/// The state of one series of an assembler.
struct DICOMSeriesAssembly: Sendable {
    /// A slice with its intensities.
    struct Part: Sendable {
        var slice: DICOMSlice
        var values: [Float]
        /// How many slices of the series came before it.
        var arrival = 0
    }

    private(set) var description: DICOMSeriesDescription?
    private let key: DICOMSeriesKey
    private let plane: DICOMPlane
    private let size: SIMD2<Int>
    private let stated: Int?
    private var scheme: DICOMScheme
    private var slicesPerVolume: Int?
    /// The slices of volumes that are not whole, by temporal position.
    private var waiting: [Int: [Part]] = [:]
    /// Slices that cannot be sorted before all are there.
    private var unsorted: [Part] = []
    private var emitted: Set<Int> = []
    private var positions: Set<Int> = []
    private var arrivals = 0

    init(key: DICOMSeriesKey, first: DICOMHeader) {
        self.key = key
        plane = first.plane
        size = [first.rows, first.columns]
        stated = first.slicesPerVolume
        slicesPerVolume = stated
        scheme = first.temporalPosition != nil ? .temporalPosition : .acquisition
    }

    /// The number of slices that wait for others.
    var waitingSlices: Int { waiting.values.reduce(unsorted.count) { $0 + $1.count } }

    /// Takes all slices of a volume of one file.
    ///
    /// - Throws: ``NeuroimagingError`` with `inconsistent` where they do not fit together or to the series.
    mutating func addWhole(_ parts: [Part]) throws(NeuroimagingError) -> DICOMVolume {
        guard let first = parts.first?.slice else { throw NeuroimagingError(.missing, "volume", "it has no slices") }
        if let shape = description?.grid.shape {
            let count = first.header.mosaic?.slices ?? parts.count
            guard count == shape.z, size == [first.header.rows, first.header.columns] else {
                throw NeuroimagingError(
                    .inconsistent,
                    "volume",
                    "it has \(count) slices and the series has \(shape.z), or their size differs"
                )
            }
        }
        let free = (emitted.max() ?? -1) + 1
        let position = first.volumeNumbers.first { !emitted.contains($0) } ?? free
        return try emit(parts, at: position)
    }

    /// Takes a slice and gives the volumes that it completes.
    mutating func add(_ part: Part) throws(NeuroimagingError) -> [DICOMVolume] {
        let header = part.slice.header
        // Slices may follow the head during the scan.
        guard header.plane.matches(plane, within: 0.2), size == [header.rows, header.columns] else {
            throw NeuroimagingError(
                .inconsistent,
                "slice",
                "it is not parallel to the others of its series or differs in size"
            )
        }
        var part = part
        part.arrival = arrivals
        arrivals += 1
        sort([part])
        return completed()
    }

    /// Puts slices where the scheme says, and changes it where it puts two at one place.
    private mutating func sort(_ parts: [Part]) {
        var parts = parts
        while let part = parts.popLast() {
            guard scheme != .occurrence else {
                unsorted.append(part)
                continue
            }
            if let position = scheme.volume(of: part.slice.header, slicesPerVolume: slicesPerVolume),
                !emitted.contains(position), !isTaken(part, in: waiting[position] ?? [])
            {
                waiting[position, default: []].append(part)
                positions.insert(position)
                continue
            }
            parts += [part] + withdrawn()
        }
    }

    /// Takes back all waiting slices and goes on to the next scheme.
    private mutating func withdrawn() -> [Part] {
        scheme = scheme.next
        positions = []
        defer { waiting = [:] }
        return waiting.values.flatMap { $0 }
    }

    private func isTaken(_ part: Part, in parts: [Part]) -> Bool {
        parts.contains { length($0.slice.frame.position - part.slice.frame.position) < DICOMPlaces.tolerance }
    }

    /// The volumes that have all slices.
    private mutating func completed() -> [DICOMVolume] {
        learnSliceCount()
        var volumes: [DICOMVolume] = []
        var isSettled = false
        while !isSettled {
            isSettled = true
            guard let count = slicesPerVolume else { break }
            for position in waiting.keys.sorted() {
                guard let parts = waiting[position], parts.count == count else { continue }
                guard isTrusted(parts) else {
                    sort(withdrawn())
                    isSettled = false
                    break
                }
                guard let volume = try? emit(parts, at: position) else { continue }
                waiting[position] = nil
                volumes.append(volume)
            }
        }
        return volumes
    }

    /// Whether slices that the scheme puts together belong together.
    ///
    /// A number that is the same for all slices says nothing; then instance numbers must follow one another.
    private func isTrusted(_ parts: [Part]) -> Bool {
        if scheme == .block || positions.count + emitted.count > 1 { return true }
        if scheme == .temporalPosition, (parts[0].slice.header.temporalPositions ?? 1) > 1 { return true }
        let numbers = parts.compactMap(\.slice.header.instanceNumber)
        guard let first = numbers.min(), let last = numbers.max(), numbers.count == parts.count else { return true }
        let position = scheme.volume(of: parts[0].slice.header, slicesPerVolume: slicesPerVolume)
        return last - first == parts.count - 1 && (first - 1) / parts.count == position
    }

    /// Learns how many slices a volume has from volumes that came one after the other with the same slices.
    ///
    /// Where the files state another number, that takes one volume more.
    private mutating func learnSliceCount() {
        guard slicesPerVolume == nil || slicesPerVolume == stated, waiting.count > 1, emitted.isEmpty else { return }
        let runs = waiting.values.map { parts in
            (first: parts.map(\.arrival).min() ?? 0, last: parts.map(\.arrival).max() ?? 0, parts: parts)
        }
        .sorted { $0.first < $1.first }
        guard zip(runs, runs.dropFirst()).allSatisfy({ $0.last < $1.first }) else { return }
        let (first, second) = (runs[0].parts, runs[1].parts)
        guard first.count > 1, first.count == second.count, second.allSatisfy({ isTaken($0, in: first) }),
            DICOMGeometry.unevenGap(first.map(\.slice.distance).sorted()) == nil,
            slicesPerVolume == nil || runs.count > 2
        else { return }
        slicesPerVolume = first.count
    }

    private mutating func emit(_ parts: [Part], at position: Int) throws(NeuroimagingError) -> DICOMVolume {
        let result = try DICOMVolumeBuilder.volume(
            parts.map { ($0.slice, $0.values) },
            key: key,
            temporalPosition: position
        )
        emitted.insert(position)
        if description == nil {
            description = result.description
        } else if emitted.count == 2 {
            description?.improveTiming(result.volume.sliceTiming)
        }
        return result.volume
    }

    /// Sorts what is left, and says what is missing.
    mutating func finish() -> (volumes: [DICOMVolume], incomplete: [DICOMSeries.Incomplete]) {
        var left = waiting
        let all = unsorted + waiting.values.flatMap { $0 }
        let groups = DICOMGrouping.volumes(all.map(\.slice))
        let size = slicesPerVolume ?? groups.values.map(\.count).max()
        let isBetter = groups.values.count { $0.count == size } > waiting.values.count { $0.count == size }
        if !unsorted.isEmpty || isBetter {
            let offset = groups.keys.contains { emitted.contains($0) } ? (emitted.max() ?? -1) + 1 : 0
            left = [:]
            for (position, members) in groups { left[position + offset] = members.map { all[$0] } }
        }
        (waiting, unsorted) = ([:], [])
        let largest = left.values.map(\.count).max() ?? 0
        let expected = emitted.isEmpty ? largest : max(slicesPerVolume ?? 0, largest)
        var (volumes, incomplete): ([DICOMVolume], [DICOMSeries.Incomplete]) = ([], [])
        for (position, parts) in left.sorted(by: { $0.key < $1.key }) {
            if parts.count == expected, let volume = try? emit(parts, at: position) {
                volumes.append(volume)
            } else {
                incomplete.append(.init(temporalPosition: position, slices: parts.count, expected: expected))
            }
        }
        return (volumes, incomplete)
    }
}
