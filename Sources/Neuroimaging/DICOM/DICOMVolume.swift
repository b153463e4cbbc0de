/// One volume that was assembled from DICOM files.
public struct DICOMVolume: Sendable {
    /// The series that it belongs to.
    public let series: DICOMSeriesKey
    /// Which time point it is, from 0, as far as the files say.
    public let temporalPosition: Int
    /// When it was acquired, in seconds after midnight.
    public let acquisitionTime: Double?
    /// The day on which it was acquired, counted from 1 January 1970, on the scanner's calendar.
    public let acquisitionDay: Int?
    /// When each slice was acquired, in seconds after the volume's start; empty where the files do not say.
    public let sliceTiming: [Double]
    /// The intensities: scaled as the files say, with Philips' precise scale.
    public let volume: Volume
}

/// What tells series apart: files of one series may still hold several echoes, or magnitudes and phases.
public struct DICOMSeriesKey: Hashable, Sendable, CustomStringConvertible {
    /// The Series Instance UID.
    public let instance: String
    /// The Series Number.
    public let number: Int?
    /// The echo and the component.
    public let channel: String

    /// All of it, as text.
    public var description: String { "\(instance) (series \(number ?? 0), \(channel))" }
}

/// What the files of a series say about it.
public struct DICOMSeriesDescription: Sendable {
    /// Which series it is.
    public let key: DICOMSeriesKey
    /// Its number within the examination.
    public let seriesNumber: Int?
    /// Its description, as the operator entered it.
    public let description: String
    /// Who made the scanner.
    public let manufacturer: String
    /// The repetition time in seconds.
    public let repetitionTime: Double?
    /// The echo time in seconds.
    public let echoTime: Double?
    /// When each slice of a volume is acquired, in seconds after its start; empty where the files do not say.
    public internal(set) var sliceTiming: [Double]
    /// The grid of the first volume.
    public let grid: VoxelGrid
    /// Whether slice times come from the time since the start of the scan.
    let isTimedFromStart: Bool
    /// The axis of the phase encoding, `i` or `j`, where the files say it.
    public let phaseEncodingAxis: String?

    init(_ header: DICOMHeader, key: DICOMSeriesKey, grid: VoxelGrid, sliceTiming: [Double], echoTime: Double?) {
        self.key = key
        seriesNumber = header.seriesNumber
        description = header.description
        manufacturer = header.manufacturer
        repetitionTime = header.repetitionTime
        isTimedFromStart = header.vendor == .siemens && header.mosaic == nil && header.frames.first?.time != nil
        self.echoTime = echoTime ?? header.echoTime
        self.sliceTiming = sliceTiming
        self.grid = grid
        phaseEncodingAxis = ["ROW": "i", "COL": "j", "COLUMN": "j"][header.phaseEncoding ?? ""]
    }

    /// Takes the second volume's slice times where they are better.
    mutating func improveTiming(_ second: [Double]) {
        sliceTiming = DICOMSliceTiming.times(first: sliceTiming, second: second, areFromStart: isTimedFromStart)
    }
}
