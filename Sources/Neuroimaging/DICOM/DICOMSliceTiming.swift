/// When the slices of a volume were acquired.
enum DICOMSliceTiming {
    /// The times of a volume's slices in seconds after its first; empty where the files do not say.
    ///
    /// - Parameter slices: In the order of z.
    static func times(of slices: [DICOMSlice]) -> [Double] {
        guard slices.count > 1, let header = slices.first?.header, !header.is3D else { return [] }
        var times: [Double] = []
        switch header.vendor {
        case .siemens:
            times = fromStart(slices.compactMap(\.frame.time))
            if !isValid(times, count: slices.count, header) { times = fromStart(slices.compactMap(\.frame.clock)) }
        case .ge:
            times = planned(slices, header)
            if times.isEmpty { times = timers(slices, header) }
        case .unitedImaging:
            times = fromStart(slices.compactMap(\.frame.clock))
        case .philips, .other:
            break
        }
        return isValid(times, count: slices.count, header) ? times : []
    }

    /// The times of a mosaic's slices in the order of z.
    static func times(of mosaic: SiemensMosaic, _ header: DICOMHeader) -> [Double] {
        guard !header.is3D, mosaic.times.count == mosaic.slices else { return [] }
        var times = mosaic.times
        // Some versions of the software count from the middle of the volume.
        if let first = times.min(), first < 0 { times = fromStart(times) }
        if mosaic.isReversed { times.reverse() }
        return isValid(times, count: times.count, header) ? times : []
    }

    /// The times of a series, from those of its first two volumes.
    ///
    /// The first volume's are wrong in some multiband sequences and timers; where times count from the start of the
    /// scan, the second volume's are always better.
    static func times(first: [Double], second: [Double]?, areFromStart: Bool) -> [Double] {
        guard let second, second.count == first.count || first.isEmpty, let low = second.min(), let high = second.max()
        else { return first }
        guard let start = first.min(), let end = first.max() else { return second }
        let isSame = !areFromStart && abs((high - low) - (end - start)) < 1e-6
        return isSame ? first : fromStart(second)
    }

    /// GE's plan, by the stored order of the slices.
    private static func planned(_ slices: [DICOMSlice], _ header: DICOMHeader) -> [Double] {
        guard let repetition = header.repetitionTime,
            let planned = header.geTiming?.times(slices: slices.count, repetitionTime: repetition)
        else { return [] }
        let order = slices.indices.sorted { left, right in
            let (a, b) = (slices[left], slices[right])
            let (first, second) = (a.header.instanceNumber ?? 0, b.header.instanceNumber ?? 0)
            return (first, a.frame.stackPosition ?? 0, a.frame.index) < (
                second, b.frame.stackPosition ?? 0, b.frame.index
            )
        }
        var times = [Double](repeating: 0, count: slices.count)
        for (rank, slice) in order.enumerated() { times[slice] = planned[rank] }
        return times
    }

    /// GE's timers, which count seconds or, in old software, ten-thousandths of them.
    private static func timers(_ slices: [DICOMSlice], _ header: DICOMHeader) -> [Double] {
        let times = fromStart(slices.compactMap(\.frame.time))
        guard let last = times.max(), let repetition = header.repetitionTime else { return times }
        return last > repetition && last / 10_000 < repetition ? times.map { $0 / 10_000 } : times
    }

    private static func fromStart(_ times: [Double]) -> [Double] {
        guard let first = times.min(), let last = times.max() else { return [] }
        // A volume that started before midnight.
        if last - first > 43_200 { return fromStart(times.map { $0 > 43_200 ? $0 - 86_400 : $0 }) }
        return times.map { $0 - first }
    }

    /// Whether there is a time for each slice, and they differ and fit into the repetition time.
    private static func isValid(_ times: [Double], count: Int, _ header: DICOMHeader) -> Bool {
        guard times.count == count, let first = times.min(), let last = times.max(), last - first > 1e-6 else {
            return false
        }
        return last.isFinite && last <= (header.repetitionTime ?? .infinity) + 1e-6
    }
}
