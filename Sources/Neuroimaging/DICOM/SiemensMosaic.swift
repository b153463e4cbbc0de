/// How the slices of Siemens' mosaic lie in its one image.
struct SiemensMosaic: Sendable {
    /// The number of slices.
    var slices: Int
    /// The tiles along each side of the image.
    var tiles: Int
    /// The direction of growing slice indices, in LPS+, where the file says it.
    var normal: SIMD3<Double>?
    /// When each slice was acquired, in seconds.
    var times: [Double]
    /// Whether slices are numbered against the order of the image.
    var isReversed: Bool

    /// Finds the mosaic of a file; nil where the image is one slice.
    ///
    /// - Throws: ``NeuroimagingError`` with `malformed` where the tiles do not fit into the image.
    init?(_ dataSet: DICOMDataSet, rows: Int, columns: Int) throws(NeuroimagingError) {
        let csaTag = dataSet.privateTag(.siemensImageHeader, creator: "SIEMENS CSA HEADER")
        let csa = dataSet.bytes(csaTag).flatMap { $0.isEmpty ? nil : try? SiemensCSAHeader($0) }
        func tag(_ usual: DICOMTag) -> DICOMTag { dataSet.privateTag(usual, creator: "SIEMENS MR HEADER") }
        let isMosaic = dataSet.strings(.imageType).contains("MOSAIC")
        let times = (try? dataSet.doubles(tag(.siemensSliceTimes))) ?? []
        let stated =
            dataSet.optionalInteger(tag(.siemensImagesInMosaic))
            ?? csa?.numbers("NumberOfImagesInMosaic").first.flatMap { Int(exactly: $0) }
            ?? (isMosaic && times.count > 1 ? times.count : nil)
            ?? (isMosaic ? Self.inferredSlices(dataSet, rows: rows, columns: columns) : nil)
        guard let stated, stated > 1 else {
            guard !isMosaic else {
                throw NeuroimagingError(.missing, "mosaic", "the file does not say how many slices its mosaic has")
            }
            return nil
        }
        slices = stated
        tiles = Int(Double(stated).squareRoot().rounded(.up))
        // Where tiles do not fill the image, the rest of it is empty.
        guard tiles <= min(rows, columns) else {
            throw NeuroimagingError(.malformed, "mosaic", "\(stated) slices do not fit into \(rows)×\(columns) pixels")
        }
        let vector = dataSet.vector(tag(.siemensSliceNormal), count: 3) ?? csa?.numbers("SliceNormalVector") ?? []
        normal = vector.count >= 3 ? SIMD3(vector[0], vector[1], vector[2]) : nil
        let milliseconds = times.isEmpty ? csa?.numbers("MosaicRefAcqTimes") ?? [] : times
        self.times = milliseconds.count == stated ? milliseconds.map { $0 / 1000 } : []
        if self.times.isEmpty { self.times = SiemensSliceOrder(dataSet)?.times(slices: stated) ?? [] }
        isReversed = (csa?.numbers("ProtocolSliceNumber").first ?? 0) > 1
    }

    /// The tiles that the acquired matrix makes in the image, where the file does not say how many there are.
    private static func inferredSlices(_ dataSet: DICOMDataSet, rows: Int, columns: Int) -> Int? {
        guard let steps = dataSet.optionalInteger(.phaseEncodingSteps), steps > 0,
            rows % steps == 0, columns % steps == 0
        else { return nil }
        return (rows / steps) * (columns / steps)
    }
}
