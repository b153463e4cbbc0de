/// What a volume needs to know of a file: everything but the pixels.
struct DICOMHeader: Sendable {
    var seriesInstance: String
    var sopInstance: String
    var seriesNumber: Int?
    var description: String
    var manufacturer: String
    var vendor: DICOMVendor
    var software: String
    /// The stored order of the file within its series.
    var instanceNumber: Int?
    var acquisitionNumber: Int?
    var temporalPosition: Int?
    var temporalPositions: Int?
    /// How many slices a volume has, where the file says so.
    var slicesPerVolume: Int?
    /// The key of a slice's series.
    func key(_ frame: DICOMFrame) -> DICOMSeriesKey {
        DICOMSeriesKey(
            instance: seriesInstance,
            number: seriesNumber,
            channel: frame.channel.isEmpty ? channel : frame.channel
        )
    }

    /// The echo and the component (magnitude, phase…), which tell apart volumes that are otherwise alike.
    var channel: String
    var rows: Int
    var columns: Int
    var plane: DICOMPlane
    /// The distance of slices as the file states it; of several slices, their positions are used instead.
    var statedSpacing: Double
    /// In seconds.
    var repetitionTime: Double?
    /// In seconds.
    var echoTime: Double?
    /// In seconds after midnight.
    var acquisitionTime: Double?
    /// In days since 1970, on the scanner's calendar.
    var acquisitionDay: Int?
    /// ROW or COL.
    var phaseEncoding: String?
    var is3D: Bool
    /// Siemens' mosaic, where the file is one.
    var mosaic: SiemensMosaic?
    var geTiming: GETiming?
    /// The slices, in the order of the file; of a mosaic, one.
    var frames: [DICOMFrame]

    /// Reads the header of a file.
    ///
    /// - Throws: ``NeuroimagingError`` with `missing`, `malformed` or `unsupported`.
    init(_ dataSet: DICOMDataSet, pixels: DICOMPixelData) throws(NeuroimagingError) {
        guard let instance = dataSet.string(.sopInstance) ?? dataSet.string(.mediaInstance) else {
            throw NeuroimagingError(.missing, "\(DICOMTag.sopInstance)", "the file has no SOP Instance UID")
        }
        guard pixels.samples == 1 else {
            throw NeuroimagingError(.unsupported, "pixel data", "colour images are no volumes")
        }
        let groups = DICOMFunctionalGroups(dataSet)
        // Some programs that remove names remove this too.
        seriesInstance = dataSet.string(.seriesInstance) ?? "unknown"
        sopInstance = instance
        seriesNumber = dataSet.optionalInteger(.seriesNumber)
        description = dataSet.string(.seriesDescription) ?? dataSet.string(.protocolName) ?? ""
        manufacturer = dataSet.string(.manufacturer) ?? ""
        software = dataSet.string(.softwareVersion) ?? ""
        vendor = DICOMVendor(manufacturer: manufacturer, software: software)
        instanceNumber = dataSet.optionalInteger(.instanceNumber)
        acquisitionNumber = dataSet.optionalInteger(.acquisitionNumber)
        temporalPosition = dataSet.optionalInteger(.temporalPositionIdentifier)
        temporalPositions = dataSet.optionalInteger(.numberOfTemporalPositions)
        slicesPerVolume = Self.slicesPerVolume(dataSet, vendor: vendor)
        (rows, columns) = (pixels.rows, pixels.columns)
        plane = try DICOMPlane(
            orientation: groups.numbers(.imageOrientation, in: .planeOrientation, frame: 0, count: 6) ?? [],
            pixelSpacing: groups.numbers(.pixelSpacing, in: .pixelMeasures, frame: 0, count: 2) ?? []
        )
        let spacing =
            groups.number(.spacingBetweenSlices, in: .pixelMeasures, frame: 0)
            ?? groups.number(.sliceThickness, in: .pixelMeasures, frame: 0)
        statedSpacing = spacing.map { abs($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 1
        repetitionTime = groups.number(.repetitionTime, in: .mrTiming, frame: 0).flatMap { $0 > 0 ? $0 / 1000 : nil }
        echoTime = groups.echoTime(frame: 0)
        phaseEncoding = groups.string(.phaseEncodingDirection, in: .mrFieldOfView, frame: 0)
        is3D = dataSet.string(.mrAcquisitionType) == "3D"
        channel = Self.channel(dataSet, vendor: vendor)
        acquisitionTime = DICOMTime.seconds(dataSet.string(.acquisitionTime) ?? dataSet.string(.acquisitionDateTime))
        let dates: [DICOMTag] = [.acquisitionDateTime, .acquisitionDate, .contentDate, .seriesDate]
        acquisitionDay = dates.lazy.compactMap { DICOMTime.day(dataSet.string($0)) }.first
        let reader = DICOMFrameReader(dataSet, groups: groups, vendor: vendor)
        if vendor == .unitedImaging, let grid = try UnitedImagingGrid(dataSet, rows: rows, columns: columns) {
            (rows, columns) = (grid.rows, grid.columns)
            frames = grid.frames
        } else {
            frames = try reader.frames(count: pixels.frames)
        }
        if vendor == .siemens, pixels.frames == 1 {
            mosaic = try SiemensMosaic(dataSet, rows: rows, columns: columns)
        }
        if vendor == .ge { geTiming = GETiming(dataSet, software: software) }
        if acquisitionTime == nil { acquisitionTime = frames.compactMap(\.clock).min() }
        if vendor == .siemens, software.contains("XA"), mosaic == nil, frames.count == 1 { joinSplitSeries(dataSet) }
        if let delay = geTiming?.addedDelay, let time = repetitionTime { repetitionTime = time + delay }
    }

    /// Undoes what Siemens' X series does when it exports single slices: each volume becomes a series of its own, with
    /// the numbers 5001, 5002… for the volumes of series 5.
    private mutating func joinSplitSeries(_ dataSet: DICOMDataSet) {
        guard let number = seriesNumber, number > 1000, let study = dataSet.string(.studyInstance) else { return }
        seriesNumber = number / 1000 * 1000 + 1
        seriesInstance = "\(study) \(dataSet.string(.seriesTime) ?? "")"
        let tag = dataSet.privateTag(.siemensFrameNumber, creator: "SIEMENS MR SDI 02")
        instanceNumber = dataSet.optionalInteger(tag) ?? instanceNumber
    }

    /// What the file says of the number of slices.
    private static func slicesPerVolume(_ dataSet: DICOMDataSet, vendor: DICOMVendor) -> Int? {
        let stated: Int? =
            switch vendor {
            case .ge: dataSet.optionalInteger(.geLocations) ?? dataSet.optionalInteger(.imagesInAcquisition)
            case .philips: dataSet.optionalInteger(.philipsSlices)
            default: nil
            }
        return stated.flatMap { (1...4096).contains($0) ? $0 : nil }
    }

    /// The echo and component of a classic file.
    private static func channel(_ dataSet: DICOMDataSet, vendor: DICOMVendor) -> String {
        let types = dataSet.strings(.imageType)
        let place = vendor == .philips ? 3 : 2
        var component = place < types.count ? String(types[place].prefix(1)) : "M"
        if vendor == .ge {
            let kinds = [0: "M", 1: "P", 2: "R", 3: "I"]
            component = dataSet.optionalInteger(.geComponent).flatMap { kinds[$0] } ?? "M"
        }
        if !["P", "R", "I"].contains(component) { component = "M" }
        let echo = dataSet.optionalInteger(.echoNumber) ?? 1
        return "echo \(echo) \(component)"
    }
}
