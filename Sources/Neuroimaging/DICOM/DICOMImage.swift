/// One DICOM file of a series: its header and its pixels.
public struct DICOMImage: Sendable {
    let header: DICOMHeader
    let pixels: DICOMPixelData
    let dataSet: DICOMDataSet

    /// Reads a file.
    ///
    /// - Throws: ``NeuroimagingError``: `truncated` where the file is cut short, as while it is being written;
    ///   `malformed`, `missing` or `unsupported` where it is no slice or volume that can be placed in space.
    public init(_ bytes: [UInt8]) throws(NeuroimagingError) {
        try self.init(headerOf: bytes)
        try pixels.check()
    }

    /// Reads a file whose pixels may be cut short, to know what it is.
    ///
    /// - Throws: As ``init(_:)``, `truncated` only where the file ends before its pixels begin.
    public init(headerOf bytes: [UInt8]) throws(NeuroimagingError) {
        dataSet = try DICOMDataSet(bytes)
        guard dataSet.contains(.pixelData) else {
            throw NeuroimagingError(
                .truncated,
                "pixel data",
                "there are none: it is no image, or is still being written"
            )
        }
        pixels = try DICOMPixelData(dataSet)
        header = try DICOMHeader(dataSet, pixels: pixels)
    }

    /// The Series Instance UID.
    public var seriesInstance: String { header.seriesInstance }

    /// The SOP Instance UID, which no other file has.
    public var sopInstance: String { header.sopInstance }

    /// The slices of the file; of a mosaic, one that stands for all.
    var slices: [DICOMSlice] { header.frames.map { DICOMSlice(header: header, frame: $0) } }

    /// Whether the file holds whole volumes, not one slice of a volume.
    var holdsVolumes: Bool { header.mosaic != nil || header.frames.count > 1 }

    /// The scaled intensities of a slice, row by row.
    func values(_ frame: DICOMFrame) throws(NeuroimagingError) -> [Float] {
        var values = try pixels.values(frame: frame.index)
        if let corner = frame.corner {
            let width = pixels.columns
            values = (0..<header.rows).flatMap { row in
                let start = (corner.y + row) * width + corner.x
                return values[start..<start + header.columns]
            }
        }
        if frame.slope != 1 || frame.intercept != 0 {
            for index in values.indices {
                values[index] = Float(Double(values[index]) * frame.slope + frame.intercept)
            }
        }
        return values
    }
}

/// A slice without its pixels.
struct DICOMSlice: Sendable {
    let header: DICOMHeader
    let frame: DICOMFrame

    /// How far along the normal it is, in mm.
    var distance: Double { header.plane.distance(frame.position) }
}
