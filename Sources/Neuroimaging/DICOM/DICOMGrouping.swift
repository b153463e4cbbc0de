/// By what the single slices of a series are sorted into volumes.
enum DICOMScheme: CaseIterable, Sendable {
    /// Temporal Position Identifier (0020,0100).
    case temporalPosition
    /// Acquisition Number (0020,0012).
    case acquisition
    /// Instance Number (0020,0013), where each volume's slices follow one another.
    case block
    /// The order of instance numbers at each place.
    case occurrence

    /// Which volume a slice belongs to, from 0; nil where the scheme needs what the slice does not have.
    func volume(of header: DICOMHeader, slicesPerVolume: Int?) -> Int? {
        switch self {
        case .temporalPosition: header.temporalPosition.map { $0 - 1 }
        case .acquisition: header.acquisitionNumber.map { $0 - 1 }
        case .block:
            if let number = header.instanceNumber, let count = slicesPerVolume, number > 0 {
                (number - 1) / count
            } else {
                nil
            }
        case .occurrence: nil
        }
    }

    /// The scheme to try where this one contradicts the slices.
    var next: DICOMScheme {
        switch self {
        case .temporalPosition: .acquisition
        case .acquisition: .block
        case .block, .occurrence: .occurrence
        }
    }
}

/// Sorts the slices of a series into volumes when all are there.
enum DICOMGrouping {
    /// The members of each volume by its temporal position.
    ///
    /// The first scheme is taken that never puts two slices at one place into one volume.
    static func volumes(_ slices: [DICOMSlice]) -> [Int: [Int]] {
        let places = DICOMPlaces(slices.map(\.frame.position))
        let stated = slices.compactMap(\.header.slicesPerVolume).first
        for scheme in DICOMScheme.allCases where scheme != .occurrence {
            for count in scheme == .block ? [stated, places.count].compactMap({ $0 }) : [places.count] {
                if let volumes = volumes(slices, places, scheme, slicesPerVolume: count) { return volumes }
            }
        }
        var order = Array(slices.indices)
        order.sort { left, right in
            let (a, b) = (slices[left], slices[right])
            let (first, second) = (a.header.instanceNumber ?? 0, b.header.instanceNumber ?? 0)
            return (first, a.frame.clock ?? 0, left) < (second, b.frame.clock ?? 0, right)
        }
        var seen = [Int](repeating: 0, count: places.count)
        var volumes: [Int: [Int]] = [:]
        for member in order {
            volumes[seen[places.indices[member]], default: []].append(member)
            seen[places.indices[member]] += 1
        }
        return volumes
    }

    private static func volumes(
        _ slices: [DICOMSlice],
        _ places: DICOMPlaces,
        _ scheme: DICOMScheme,
        slicesPerVolume: Int
    ) -> [Int: [Int]]? {
        var volumes: [Int: [Int]] = [:]
        var taken: Set<[Int]> = []
        for (member, slice) in slices.enumerated() {
            guard let volume = scheme.volume(of: slice.header, slicesPerVolume: slicesPerVolume),
                taken.insert([volume, places.indices[member]]).inserted
            else { return nil }
            volumes[volume, default: []].append(member)
        }
        let largest = volumes.values.map(\.count).max() ?? 0
        // A number of its own for each slice says nothing about volumes.
        return largest == 1 && places.count > 1 && slices.count > 1 ? nil : volumes
    }
}
