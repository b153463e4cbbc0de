/// What a series is for, as far as the header of one of its images says.
public enum DICOMSeriesRole: Sendable, Equatable {
    /// A series of volumes over time, as measured.
    case functional
    /// Such a series after the scanner has corrected it for motion.
    case motionCorrected
    /// Anything else; the text says what.
    case other(String)
}

extension DICOMImage {
    /// The number of the series within the examination.
    public var seriesNumber: Int? { header.seriesNumber }

    /// What the operator called the series.
    public var seriesDescription: String { header.description }

    /// The time from volume to volume in s.
    public var repetitionTime: Double? { header.repetitionTime }

    /// The number of volumes that the series is planned to have, where the file says it: the Number of Temporal
    /// Positions, or Siemens' number of repetitions.
    public var plannedVolumes: Int? {
        let stated = header.temporalPositions ?? siemensRepetitions.map { $0 + 1 }
        return stated.flatMap { (1...1_000_000).contains($0) ? $0 : nil }
    }

    /// When the series began, in s since 1970 on the scanner's calendar and clock, without regard of time zones.
    public var seriesStart: Double? {
        guard let day = DICOMTime.day(dataSet.string(.seriesDate)) ?? header.acquisitionDay else { return nil }
        return Double(day) * 86400 + (DICOMTime.seconds(dataSet.string(.seriesTime)) ?? header.acquisitionTime ?? 0)
    }

    /// How far the scanner's clock is ahead of UTC in s, where the file says it.
    public var offsetFromUTC: Double? {
        guard let text = dataSet.string(.timezoneOffset), text.count == 5, let number = Int(text) else { return nil }
        return Double(number / 100 * 3600 + number % 100 * 60)
    }

    /// What the series is for.
    ///
    /// A series is functional if its images are measured magnitudes of the first echo, without diffusion weighting, and
    /// it has several volumes: the file holds or announces more than one time point or, where it says nothing of that,
    /// the images are echo-planar (Scanning Sequence EP, Echo Planar Pulse Sequence, GE's image type EPI, Siemens'
    /// sequence names with `ep`) or Siemens mosaics. Single-band references (`SBRef`) are not functional. A series is
    /// motion-corrected where Siemens says `MOCO` in its Image Type or calls it `MoCoSeries`.
    public var role: DICOMSeriesRole {
        let types = dataSet.strings(.imageType).map { $0.uppercased() }
        let description = header.description.uppercased()
        let isCorrected = types.contains("MOCO") || description.contains("MOCOSERIES")
        if types.contains("LOCALIZER") { return .other("a localizer") }
        if types.first == "DERIVED", !isCorrected { return .other("derived from other images") }
        if description.hasSuffix("SBREF") { return .other("a single-band reference") }
        if ["P", "R", "I"].contains(header.channel.last.map(String.init)) { return .other("phase or complex images") }
        if (dataSet.optionalInteger(.echoNumber) ?? 1) > 1 { return .other("of a later echo") }
        if isDiffusion(types) { return .other("diffusion-weighted") }
        let isSeries =
            header.frames.contains { $0.volume > 0 }
            || plannedVolumes.map { $0 > 1 }
                ?? (isEchoPlanar(types) || header.mosaic != nil)
        guard isSeries else { return .other("of single volumes, not a run of volumes over time") }
        return isCorrected ? .motionCorrected : .functional
    }

    private func isDiffusion(_ types: [String]) -> Bool {
        let maps: Set = ["DIFFUSION", "ADC", "FA", "TRACEW", "TENSOR"]
        if types.contains(where: maps.contains) { return true }
        if let kind = dataSet.string(.diffusionDirectionality) { return kind != "NONE" }
        return (dataSet.optionalDouble(.diffusionValue) ?? 0) > 0
    }

    private func isEchoPlanar(_ types: [String]) -> Bool {
        let sequence = (dataSet.string(.sequenceName) ?? "").drop { $0 == "*" }
        return dataSet.strings(.scanningSequence).contains("EP") || dataSet.string(.echoPlanar) == "YES"
            || types.contains("EPI") || sequence.hasPrefix("ep")
    }

    /// Siemens' `lRepetitions`, from the protocol in the CSA series header: one less than the number of volumes.
    private var siemensRepetitions: Int? {
        guard header.vendor == .siemens else { return nil }
        let tag = dataSet.privateTag(.siemensSeriesHeader, creator: "SIEMENS CSA HEADER")
        return dataSet.bytes(tag).flatMap { SiemensSliceOrder.number("lRepetitions", in: $0) }
    }
}
