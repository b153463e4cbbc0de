/// Where the voxels of a volume are, in the order in which dcm2niix writes them.
///
/// x runs along the image's rows; y runs against its columns, so that it grows upwards on a screen; z runs along
/// row × column or, in a mosaic, as its tiles do.
enum DICOMGeometry {
    /// The grid of parallel slices.
    ///
    /// - Parameter slices: Sorted along the normal.
    /// - Throws: ``NeuroimagingError`` with `inconsistent` where slices are not evenly spaced or do not fit.
    static func grid(of slices: [DICOMSlice]) throws(NeuroimagingError) -> VoxelGrid {
        guard let first = slices.first, let last = slices.last else {
            throw NeuroimagingError(.missing, "volume", "it has no slices")
        }
        let header = first.header
        for slice in slices
        where !slice.header.plane.matches(header.plane)
            || slice.header.rows != header.rows || slice.header.columns != header.columns
        {
            throw NeuroimagingError(.inconsistent, "volume", "its slices are not parallel or differ in size")
        }
        var spacing = header.statedSpacing
        if slices.count > 1 {
            spacing = (last.distance - first.distance) / Double(slices.count - 1)
            if let gap = unevenGap(slices.map(\.distance)) {
                throw NeuroimagingError(
                    .inconsistent,
                    "volume",
                    "slices are missing: the gap after slice \(gap + 1) of \(slices.count) differs from the others"
                )
            }
        }
        return grid(
            header,
            origin: first.frame.position,
            across: header.plane.normal * spacing,
            size: [header.columns, header.rows, slices.count]
        )
    }

    /// The grid of a mosaic.
    ///
    /// The file gives the position that the corner of the whole image would have if its centre were the slice's.
    static func grid(of mosaic: SiemensMosaic, _ header: DICOMHeader, _ frame: DICOMFrame) -> VoxelGrid {
        let (plane, tiles) = (header.plane, mosaic.tiles)
        let size = SIMD3(header.columns / tiles, header.rows / tiles, mosaic.slices)
        let rest = (1 - 1 / Double(tiles)) / 2
        let right = Double(header.columns) * rest * plane.spacing.x
        let down = Double(header.rows) * rest * plane.spacing.y
        let origin = frame.position + plane.row * right + plane.column * down
        let isAgainst = mosaic.normal.map { ($0 * plane.normal).sum() < 0 } ?? false
        let across = plane.normal * (isAgainst ? -header.statedSpacing : header.statedSpacing)
        let grid = grid(header, origin: origin, across: across, size: size)
        guard mosaic.isReversed else { return grid }
        var affine = grid.affine
        affine.translation = affine([0, 0, Double(size.z - 1)])
        affine[2] = -affine[2]
        return VoxelGrid(shape: size, affine: affine)
    }

    private static func grid(
        _ header: DICOMHeader,
        origin: SIMD3<Double>,
        across: SIMD3<Double>,
        size: SIMD3<Int>
    ) -> VoxelGrid {
        // DICOM's x grows to the left and its y to the back.
        let toRAS = SIMD3<Double>(-1, -1, 1)
        let down = header.plane.column * header.plane.spacing.y
        let bottom = origin + down * Double(size.y - 1)
        return VoxelGrid(
            shape: size,
            affine: Affine(
                header.plane.row * header.plane.spacing.x * toRAS,
                -down * toRAS,
                across * toRAS,
                translation: bottom * toRAS
            )
        )
    }

    /// The first gap that differs from the median by more than a tenth, if any.
    static func unevenGap(_ distances: [Double]) -> Int? {
        let gaps = zip(distances.dropFirst(), distances).map { $0 - $1 }
        guard gaps.count > 1 else { return nil }
        let median = gaps.sorted()[gaps.count / 2]
        return gaps.firstIndex { abs($0 - median) > max(0.1 * median, 0.02) }
    }

    /// Copies a slice's rows into a volume, the last row first.
    static func place(
        _ values: [Float],
        width: Int,
        corner: (column: Int, row: Int),
        into voxels: inout [Float],
        slice: Int,
        size: SIMD3<Int>
    ) {
        for y in 0..<size.y {
            let from = (corner.row + y) * width + corner.column
            let to = (slice * size.y + size.y - 1 - y) * size.x
            for x in 0..<size.x { voxels[to + x] = values[from + x] }
        }
    }
}
