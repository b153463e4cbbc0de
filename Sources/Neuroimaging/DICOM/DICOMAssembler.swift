/// Puts volumes together from DICOM files that come one at a time, in any order.
///
/// It keeps the slices of volumes that are not whole yet, and nothing of those that are, but remembers which images it
/// has seen. Files that hold whole volumes come out at once. For others it must know how many slices a volume has:
/// GE's and Philips' files say it; else it is learned from the first two volumes whose slices arrive one volume after
/// the other, and known at ``finish()`` at the latest.
public struct DICOMAssembler: Sendable {
    /// Something that was wrong with a series.
    public enum Issue: Sendable, Equatable {
        /// An image came once more, and was left out.
        case duplicate(series: String, sopInstance: String)
        /// A volume lacked slices when the series ended, or its slices do not fit.
        case incomplete(DICOMSeriesKey, DICOMSeries.Incomplete)
    }

    /// What was wrong so far.
    public private(set) var issues: [Issue] = []
    private var seen: Set<String> = []
    private var order: [DICOMSeriesKey] = []
    private var series: [DICOMSeriesKey: DICOMSeriesAssembly] = [:]

    /// Makes an assembler that has seen nothing.
    public init() {}

    /// What is known of each series that has had a whole volume, in the order in which they came.
    public var descriptions: [DICOMSeriesDescription] { order.compactMap { series[$0]?.description } }

    /// The number of slices that wait for others.
    public var waitingSlices: Int { series.values.reduce(0) { $0 + $1.waitingSlices } }

    /// Takes a file and gives the volumes that it completes.
    ///
    /// - Throws: ``NeuroimagingError``: `truncated` where the file is cut short: offer it again when it has been
    ///   written; others where it is no part of a volume. The assembler is then as it was before.
    public mutating func add(_ bytes: [UInt8]) throws(NeuroimagingError) -> [DICOMVolume] {
        try add(try DICOMImage(bytes))
    }

    /// Takes a file that has been read and gives the volumes that it completes.
    ///
    /// - Throws: As ``add(_:)-([UInt8])``.
    public mutating func add(_ image: DICOMImage) throws(NeuroimagingError) -> [DICOMVolume] {
        guard !seen.contains(image.sopInstance) else {
            issues.append(.duplicate(series: image.seriesInstance, sopInstance: image.sopInstance))
            return []
        }
        var groups: [DICOMSeriesKey: [Int: [DICOMSeriesAssembly.Part]]] = [:]
        for slice in image.slices {
            let key = image.header.key(slice.frame)
            let part = DICOMSeriesAssembly.Part(slice: slice, values: try image.values(slice.frame))
            groups[key, default: [:]][slice.frame.volume, default: []].append(part)
        }
        var volumes: [DICOMVolume] = []
        for (key, parts) in groups.sorted(by: { $0.key.channel < $1.key.channel }) {
            var assembly = series[key] ?? DICOMSeriesAssembly(key: key, first: image.header)
            if image.holdsVolumes {
                for (_, part) in parts.sorted(by: { $0.key < $1.key }) { volumes.append(try assembly.addWhole(part)) }
            } else {
                for part in parts.values.joined() { volumes += try assembly.add(part) }
            }
            if series.updateValue(assembly, forKey: key) == nil { order.append(key) }
        }
        seen.insert(image.sopInstance)
        return volumes
    }

    /// Ends the series: gives the volumes that can be told to be whole now that no more files come, and notes what is
    /// missing.
    public mutating func finish() -> [DICOMVolume] {
        var volumes: [DICOMVolume] = []
        for key in order {
            guard let result = series[key]?.finish() else { continue }
            volumes += result.volumes
            issues += result.incomplete.map { .incomplete(key, $0) }
        }
        return volumes
    }
}
