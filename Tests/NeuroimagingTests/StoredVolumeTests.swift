import Neuroimaging
import Testing

@Suite("A stored volume")
struct StoredVolumeTests {
    let grid = VoxelGrid(shape: [3, 1, 1], affine: .identity)

    @Test("gives slope × number + intercept for each voxel")
    func scale() throws {
        let bytes: [UInt8] = [1, 0, 0xFF, 0xFF, 0, 1]
        let stored = try StoredVolume(grid: grid, dataType: .int16, bytes: bytes, slope: 2, intercept: 0.5)
        #expect(stored.volume.voxels == [2.5, -1.5, 512.5])
    }

    @Test("has the CRC-32 that zlib's check value says, and gives a volume back as it was")
    func checksum() throws {
        let grid = VoxelGrid(shape: [9, 1, 1], affine: .identity)
        #expect(try StoredVolume(grid: grid, dataType: .uint8, bytes: Array("123456789".utf8)).checksum == 0xCBF4_3926)
        let volume = Volume(grid: grid, voxels: (0..<9).map { Float($0) * 0.1 })
        #expect(StoredVolume(volume).volume == volume)
    }

    @Test("is refused with too many or few bytes, colours or a scale that is not finite")
    func refusals() {
        let bytes = [UInt8](repeating: 0, count: 6)
        #expect(throws: NeuroimagingError.self) { try StoredVolume(grid: grid, dataType: .int16, bytes: bytes + [0]) }
        #expect(throws: NeuroimagingError.self) { try StoredVolume(grid: grid, dataType: .float32, bytes: bytes) }
        #expect(throws: NeuroimagingError.self) {
            try StoredVolume(grid: grid, dataType: .rgb24, bytes: bytes + [0, 0, 0])
        }
        #expect(throws: NeuroimagingError.self) {
            try StoredVolume(grid: grid, dataType: .int16, bytes: bytes, slope: .nan)
        }
    }
}
