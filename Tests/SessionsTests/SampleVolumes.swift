import Foundation
import Neuroimaging
import Sessions

/// Volumes that differ from each other in every byte.
enum SampleVolumes {
    static func description(
        _ dataType: NIfTIDataType = .int16,
        grid: VoxelGrid = SampleRecords.grid
    ) -> RecordingDescription {
        RecordingDescription(session: "visit 1", run: "run/1", repetitionTime: 0.72, grid: grid, dataType: dataType)
    }

    static func volume(
        _ number: Int,
        _ dataType: NIfTIDataType = .int16,
        grid: VoxelGrid = SampleRecords.grid
    ) throws -> RecordedVolume {
        var random = UInt64(number) &* 0x9E37_79B9_7F4A_7C15 | 1
        let bytes = (0..<grid.count * dataType.size).map { _ in
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return UInt8(truncatingIfNeeded: random)
        }
        return RecordedVolume(
            index: number * 2,
            arrival: number,
            acquiredAt: number % 2 == 0 ? nil : 100 + Double(number),
            receivedAt: 1.7e9 + Double(number),
            volume: try StoredVolume(
                grid: grid,
                dataType: dataType,
                bytes: bytes,
                slope: 0.5 + Double(number),
                intercept: -3
            )
        )
    }
}
