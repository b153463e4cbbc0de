/// How the slices of a volume lie in United Imaging's one image, each with its position and time in (0065,1051).
struct UnitedImagingGrid {
    /// The rows of a slice.
    let rows: Int
    /// The columns of a slice.
    let columns: Int
    /// The slices.
    let frames: [DICOMFrame]

    /// Finds the grid of a file; nil where the image is one slice.
    ///
    /// - Throws: ``NeuroimagingError`` with `missing` where a slice has no position, and `malformed` where the slices
    ///   do not fit into the image.
    init?(_ dataSet: DICOMDataSet, rows: Int, columns: Int) throws(NeuroimagingError) {
        let items = dataSet.items(.unitedImagingSlices)
        guard items.count > 1 else { return nil }
        // The grid is as wide as a square would be, and no higher than it needs to be.
        let width = Int(Double(items.count).squareRoot().rounded(.up))
        let height = (items.count + width - 1) / width
        guard width <= columns, height <= rows else {
            throw NeuroimagingError(
                .malformed,
                "grid",
                "\(items.count) slices do not fit into \(rows)×\(columns) pixels"
            )
        }
        (self.rows, self.columns) = (rows / height, columns / width)
        var frames: [DICOMFrame] = []
        for (index, item) in items.enumerated() {
            guard let position = item.vector(.imagePosition, count: 3) else {
                throw NeuroimagingError(
                    .missing,
                    "\(DICOMTag.imagePosition)",
                    "slice \(index + 1) of the grid has no position"
                )
            }
            var frame = DICOMFrame(index: 0, position: SIMD3(position[0], position[1], position[2]))
            frame.corner = [index % width * self.columns, index / width * self.rows]
            frame.clock = DICOMTime.seconds(item.string(.acquisitionTime))
            frame.slope = dataSet.optionalDouble(.rescaleSlope) ?? 1
            frame.intercept = dataSet.optionalDouble(.rescaleIntercept) ?? 0
            frames.append(frame)
        }
        self.frames = frames
    }
}
