/// Puts slices together.
enum DICOMVolumeBuilder {
    /// A volume and what its files say about the series.
    struct Result {
        var volume: DICOMVolume
        var description: DICOMSeriesDescription
    }

    /// Where the voxels of a volume are and when its slices were acquired.
    struct Layout {
        var header: DICOMHeader
        var grid: VoxelGrid
        var times: [Double]
        var acquisitionTime: Double?
        /// Of the frames, where they have their own.
        var echoTime: Double?
    }

    /// Lays out slices, which are sorted along the normal.
    ///
    /// - Throws: ``NeuroimagingError`` with `inconsistent` where the slices do not make a volume.
    static func layout(of slices: [DICOMSlice]) throws(NeuroimagingError) -> Layout {
        guard let header = slices.first?.header, let frame = slices.first?.frame else {
            throw NeuroimagingError(.missing, "volume", "it has no slices")
        }
        let acquisitionTime = slices.compactMap(\.frame.clock).min() ?? header.acquisitionTime
        let grid: VoxelGrid
        let times: [Double]
        if let mosaic = header.mosaic {
            grid = DICOMGeometry.grid(of: mosaic, header, frame)
            times = DICOMSliceTiming.times(of: mosaic, header)
        } else {
            grid = try DICOMGeometry.grid(of: slices)
            times = DICOMSliceTiming.times(of: slices)
        }
        guard grid.affine.isUsable else {
            throw NeuroimagingError(.malformed, "volume", "the positions of its slices make no sense")
        }
        return Layout(
            header: header,
            grid: grid,
            times: times,
            acquisitionTime: acquisitionTime,
            echoTime: frame.echoTime
        )
    }

    /// Makes a volume of its slices and their intensities, in any order.
    ///
    /// - Throws: ``NeuroimagingError`` with `inconsistent` where the slices do not make a volume.
    static func volume(
        _ slices: [(slice: DICOMSlice, values: [Float])],
        key: DICOMSeriesKey,
        temporalPosition: Int
    ) throws(NeuroimagingError) -> Result {
        let sorted = slices.sorted { $0.slice.distance < $1.slice.distance }
        let parts = sorted.map(\.slice)
        let layout = try layout(of: parts)
        let (header, grid) = (layout.header, layout.grid)
        var voxels = [Float](repeating: 0, count: grid.count)
        for z in 0..<grid.shape.z {
            var (source, corner) = (z, (column: 0, row: 0))
            if let mosaic = header.mosaic {
                let tile = mosaic.isReversed ? mosaic.slices - 1 - z : z
                (source, corner) = (0, (tile % mosaic.tiles * grid.shape.x, tile / mosaic.tiles * grid.shape.y))
            }
            DICOMGeometry.place(
                sorted[source].values,
                width: header.columns,
                corner: corner,
                into: &voxels,
                slice: z,
                size: grid.shape
            )
        }
        let volume = DICOMVolume(
            series: key,
            temporalPosition: temporalPosition,
            acquisitionTime: layout.acquisitionTime,
            acquisitionDay: header.acquisitionDay,
            sliceTiming: layout.times,
            volume: Volume(grid: grid, voxels: voxels)
        )
        return Result(
            volume: volume,
            description: DICOMSeriesDescription(
                header,
                key: key,
                grid: grid,
                sliceTiming: layout.times,
                echoTime: layout.echoTime
            )
        )
    }
}
