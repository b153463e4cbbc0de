import Settings

/// When the slices of a volume are measured, in s after its start.
public enum SliceTiming {
    /// The time of each slice from the bottom to the top; slices that are measured at once lie evenly apart.
    public static func times(_ settings: AcquisitionSettings) -> [Double] {
        let shots = (settings.slices + settings.multiband - 1) / settings.multiband
        let order: [Int] =
            switch settings.sliceOrder {
            case .ascending: Array(0..<shots)
            case .interleaved: Array(stride(from: 0, to: shots, by: 2)) + Array(stride(from: 1, to: shots, by: 2))
            }
        var time = [Double](repeating: 0, count: shots)
        for (position, shot) in order.enumerated() {
            time[shot] = settings.repetitionTime * Double(position) / Double(shots)
        }
        return (0..<settings.slices).map { time[$0 % shots] }
    }
}
