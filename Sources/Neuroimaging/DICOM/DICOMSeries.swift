/// One series of a folder, sorted into volumes.
public struct DICOMSeries: Sendable {
    /// A file that holds the same image as another.
    public struct Duplicate: Sendable, Equatable {
        /// Its path.
        public let path: String
        /// The file that is used.
        public let original: String
    }

    /// A volume that cannot be put together.
    public struct Incomplete: Sendable, Equatable {
        /// Which time point it is, from 0.
        public let temporalPosition: Int
        /// The slices that are there.
        public let slices: Int
        /// The slices that it should have.
        public let expected: Int
    }

    struct File: Sendable {
        let path: String
        let header: DICOMHeader
    }

    /// What the files say about the series.
    public private(set) var description: DICOMSeriesDescription
    /// The time points of the volumes that are whole, in their order, from 0.
    public let temporalPositions: [Int]
    /// The volumes that lack slices or whose slices do not fit.
    public let incomplete: [Incomplete]
    /// The time points between the first and the last of which there is nothing.
    public let missingPositions: [Int]
    /// The files that hold an image of the series once more.
    public let duplicates: [Duplicate]

    private typealias Member = (path: String, slice: DICOMSlice)

    private let members: [[Member]]

    private let lastImage = LastDICOMImage()

    /// The number of whole volumes.
    public var count: Int { members.count }

    /// The files of a volume, each once, by their instance numbers.
    func files(ofVolume index: Int) -> [String] {
        var seen: Set<String> = []
        let sorted = members[index].sorted {
            ($0.slice.header.instanceNumber ?? 0, $0.path) < ($1.slice.header.instanceNumber ?? 0, $1.path)
        }
        return sorted.map(\.path).filter { seen.insert($0).inserted }
    }

    /// The number of volumes that the series was planned to have, where its first file says it.
    var plannedVolumes: Int? {
        guard let path = members.first?.first?.path, let image = try? lastImage.image(path) else { return nil }
        return image.plannedVolumes
    }

    /// Reads a volume; 0 is the first whole one.
    ///
    /// - Throws: ``NeuroimagingError`` where a file is no longer as it was.
    public func volume(_ index: Int) throws(NeuroimagingError) -> DICOMVolume {
        precondition(members.indices.contains(index), "a volume of the series")
        var slices: [(slice: DICOMSlice, values: [Float])] = []
        for (path, frames) in Dictionary(grouping: members[index], by: \.path) {
            do {
                let image = try lastImage.image(path)
                for frame in frames { slices.append((frame.slice, try image.values(frame.slice.frame))) }
            } catch {
                throw error.at(path)
            }
        }
        let result = try DICOMVolumeBuilder.volume(
            slices,
            key: description.key,
            temporalPosition: temporalPositions[index]
        )
        return result.volume
    }

    /// Sorts the files of a series instance into its echoes and components, and these into volumes.
    ///
    /// Files of series that have no whole volume are unused.
    static func series(
        of files: [File],
        duplicates: [Duplicate]
    ) -> (series: [DICOMSeries], unused: [(path: String, reason: NeuroimagingError)]) {
        var keys: [DICOMSeriesKey: [Member]] = [:]
        for file in files {
            for frame in file.header.frames {
                keys[file.header.key(frame), default: []].append(
                    (file.path, DICOMSlice(header: file.header, frame: frame))
                )
            }
        }
        var series: [DICOMSeries] = []
        var unused: [(path: String, reason: NeuroimagingError)] = []
        for (key, members) in keys.sorted(by: { $0.key.description < $1.key.description }) {
            do {
                series.append(try DICOMSeries(members, key: key, duplicates: series.isEmpty ? duplicates : []))
            } catch {
                unused += Set(members.map(\.path)).map { ($0, error) }
            }
        }
        return (series, unused)
    }

    private init(_ slices: [Member], key: DICOMSeriesKey, duplicates: [Duplicate]) throws(NeuroimagingError) {
        let volumes = Self.volumes(slices)
        let expected = volumes.map(\.members.count).max() ?? 0
        var layouts: [DICOMVolumeBuilder.Layout] = []
        var (members, positions, incomplete): ([[Member]], [Int], [Incomplete]) = ([], [], [])
        var reason = NeuroimagingError(.missing, "series", "none of its volumes has all its slices")
        for volume in volumes {
            let sorted = volume.members.map { slices[$0] }.sorted { $0.slice.distance < $1.slice.distance }
            let lack = Incomplete(temporalPosition: volume.position, slices: sorted.count, expected: expected)
            guard sorted.count == expected else {
                incomplete.append(lack)
                continue
            }
            do throws(NeuroimagingError) {
                let layout = try DICOMVolumeBuilder.layout(of: sorted.map(\.slice))
                if let shape = layouts.first?.grid.shape, shape != layout.grid.shape {
                    throw NeuroimagingError(.inconsistent, "series", "its volumes differ in size")
                }
                if layouts.count < 2 { layouts.append(layout) }
                members.append(sorted)
                positions.append(volume.position)
            } catch {
                reason = error
                incomplete.append(lack)
            }
        }
        guard let first = layouts.first else { throw reason }
        self.members = members
        self.incomplete = incomplete
        self.duplicates = duplicates
        temporalPositions = positions
        let known = Set(volumes.map(\.position))
        let range = (known.min() ?? 0)...(known.max() ?? 0)
        missingPositions = range.count <= 1_000_000 ? range.filter { !known.contains($0) } : []
        description = DICOMSeriesDescription(
            first.header,
            key: key,
            grid: first.grid,
            sliceTiming: first.times,
            echoTime: first.echoTime
        )
        if layouts.count > 1 { description.improveTiming(layouts[1].times) }
    }

    /// The slices of each volume, by time.
    private static func volumes(_ slices: [Member]) -> [(position: Int, members: [Int])] {
        let isWhole = { (header: DICOMHeader) in header.mosaic != nil || header.frames.count > 1 }
        let whole = slices.indices.filter { isWhole(slices[$0].slice.header) }
        let single = slices.indices.filter { !isWhole(slices[$0].slice.header) }
        var volumes = DICOMWholeFiles.volumes(whole, of: slices.map(\.slice))
        let grouped = DICOMGrouping.volumes(single.map { slices[$0].slice })
        volumes += grouped.map { (position: $0.key, members: $0.value.map { single[$0] }) }
        return volumes.sorted { $0.position < $1.position }
    }
}

/// Numbers the volumes of files that hold whole ones.
enum DICOMWholeFiles {
    /// The volumes among some slices, with their temporal positions.
    ///
    /// These are acquisition numbers or, where these are not distinct, instance numbers or ranks.
    static func volumes(_ members: [Int], of slices: [DICOMSlice]) -> [(position: Int, members: [Int])] {
        var units: [String: [Int]] = [:]
        for member in members {
            units["\(slices[member].frame.volume) \(slices[member].header.sopInstance)", default: []].append(member)
        }
        let sorted = units.values.sorted { left, right in
            let (a, b) = (slices[left[0]], slices[right[0]])
            let (first, second) = (a.header.instanceNumber ?? 0, b.header.instanceNumber ?? 0)
            return (first, a.header.acquisitionNumber ?? 0, a.header.acquisitionTime ?? 0, a.frame.volume)
                < (second, b.header.acquisitionNumber ?? 0, b.header.acquisitionTime ?? 0, b.frame.volume)
        }
        let numbers = sorted.map { slices[$0[0]].volumeNumbers }
        for choice in 0..<2 {
            let positions = numbers.compactMap { choice < $0.count ? $0[choice] : nil }
            if Set(positions).count == sorted.count { return Array(zip(positions, sorted)) }
        }
        return Array(zip(sorted.indices, sorted))
    }
}

extension DICOMSlice {
    /// Which volume of its series a slice of a file with whole volumes may belong to, from 0, the likeliest first.
    ///
    /// Acquisition numbers count volumes, but Philips' count series.
    var volumeNumbers: [Int] {
        if header.frames.contains(where: { $0.volume > 0 }) { return [frame.volume] }
        let acquisition = header.vendor == .philips ? nil : header.acquisitionNumber
        return [acquisition, header.instanceNumber].compactMap { $0 }.filter { $0 > 0 }.map { $0 - 1 }
    }
}
