/// One slice of a file: where it is, when it was acquired and how its intensities are scaled.
struct DICOMFrame: Sendable {
    /// The place among the frames of the file.
    var index: Int
    /// The centre of the first pixel in mm, in the patient system of DICOM (LPS+).
    var position: SIMD3<Double>
    /// Which volume of the file it belongs to, from 0.
    var volume = 0
    /// What it shows, where a file holds several: echo and component.
    var channel = ""
    /// The echo time in seconds, where frames of a file differ.
    var echoTime: Double?
    /// When it was acquired, in seconds after something that the volume's slices share.
    var time: Double?
    /// Its number among the slices of its volume.
    var stackPosition: Double?
    /// When it was acquired, in seconds after midnight.
    var clock: Double?
    /// The first column and row of the slice, where the image is a grid of slices that each have a place of their own.
    var corner: SIMD2<Int>?
    /// The intensity of a stored value: the value times the slope, and the intercept.
    var slope = 1.0
    var intercept = 0.0
}

/// The plane of the slices of a file.
struct DICOMPlane: Sendable, Equatable {
    /// The direction of growing column indices, in LPS+.
    var row: SIMD3<Double>
    /// The direction of growing row indices, in LPS+.
    var column: SIMD3<Double>
    /// The distances of neighbouring columns and of neighbouring rows in mm.
    var spacing: SIMD2<Double>

    /// The direction across the slices: row × column.
    var normal: SIMD3<Double> { cross(row, column) }

    /// Reads Image Orientation (Patient) and Pixel Spacing.
    init(orientation: [Double], pixelSpacing: [Double]) throws(NeuroimagingError) {
        guard orientation.count == 6 else {
            throw NeuroimagingError(
                .missing,
                "\(DICOMTag.imageOrientation)",
                "the file has no Image Orientation (Patient)"
            )
        }
        let row = SIMD3(orientation[0], orientation[1], orientation[2])
        let column = SIMD3(orientation[3], orientation[4], orientation[5])
        guard abs(length(row) - 1) < 0.01, abs(length(column) - 1) < 0.01, abs((row * column).sum()) < 0.01 else {
            throw NeuroimagingError(.malformed, "\(DICOMTag.imageOrientation)", "\(orientation) are no two directions")
        }
        self.row = row / length(row)
        self.column = column / length(column)
        guard pixelSpacing.count == 2, pixelSpacing.allSatisfy({ $0 > 0 && $0 < 1000 }) else {
            throw NeuroimagingError(.missing, "\(DICOMTag.pixelSpacing)", "the file has no Pixel Spacing")
        }
        // The distance of rows comes first.
        spacing = [pixelSpacing[1], pixelSpacing[0]]
    }

    /// How far along the normal a position is, in mm.
    func distance(_ position: SIMD3<Double>) -> Double { (position * normal).sum() }

    /// Whether two planes are parallel to within some radians, with pixels of the same size.
    func matches(_ other: DICOMPlane, within tolerance: Double = 1e-3) -> Bool {
        let turn = max(length(row - other.row), length(column - other.column))
        let change = spacing - other.spacing
        return turn < tolerance && abs(change.x) < 1e-3 && abs(change.y) < 1e-3
    }
}
