import Foundation
import Testing

@testable import Neuroimaging

@Suite("A NIfTI image that was written")
struct NIfTIRoundTripTests {
    let grid = VoxelGrid(
        shape: [3, 2, 4],
        affine: Affine(rows: [-1.9, 0.3, 0, 20], [0.28, 2.03, 0, -31.5], [0, 0, 3.5, 7.25])
    )

    func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("nifti-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    func volumes(_ count: Int) -> [Volume] {
        (0..<count).map { index in
            Volume(grid: grid, voxels: (0..<24).map { Float($0 * 3 + index * 5 - 11) })
        }
    }

    @Test(
        "is read back with the same values, volume by volume and in any order",
        arguments: ["a.nii", "a.nii.gz", "a.hdr", "a.img.gz"],
        [(1, false), (1, true), (2, false), (2, true)]
    )
    func forms(name: String, form: (version: Int, isBigEndian: Bool)) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        var header = NIfTIHeader(grid: grid, volumes: 3, repetitionTime: 1.5, dataType: .int16)
        header.version = form.version
        header.isBigEndian = form.isBigEndian
        header.description = "made by a test"
        let path = folder.appendingPathComponent(name).path
        let writer = try NIfTIWriter(path: path, header: header)
        let volumes = volumes(3)
        for volume in volumes { try writer.append(volume) }
        try writer.finish()

        let reader = try NIfTIReader(path: path)
        #expect(reader.header.version == form.version && reader.header.isBigEndian == form.isBigEndian)
        #expect(reader.header.repetitionTime == 1.5)
        #expect(reader.header.description == "made by a test")
        #expect(reader.header.affine.distance(to: grid.affine) < 1e-5)
        for index in [2, 0, 1] { #expect(try reader.volume(index).voxels == volumes[index].voxels) }
        #expect(throws: NeuroimagingError.self) { try reader.volume(3) }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".partial") }
        #expect(left.isEmpty)
    }

    @Test(
        "keeps its values in every scalar type, scaled",
        arguments: NIfTIDataType.allCases.filter { $0.isScalar && $0 != .float128 }
    )
    func types(type: NIfTIDataType) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.nii").path
        var header = NIfTIHeader(grid: grid, dataType: type)
        header.scaling = (0.5, -20)
        let writer = try NIfTIWriter(path: path, header: header)
        let volume = Volume(grid: grid, voxels: (0..<24).map { Float($0) / 2 - 20 })
        try writer.append(volume)
        try writer.finish()
        #expect(try NIfTIReader(path: path).volume(0).voxels == volume.voxels)
    }

    @Test("clamps what does not fit, and stores not-a-number as zero")
    func clamping() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a.nii").path
        var volume = Volume(zeros: grid)
        volume.voxels[0...3] = [.nan, .infinity, -1e9, 2.5]
        try NIfTIWriter.write(volume, to: path, dataType: .int16)
        #expect(try NIfTIReader(path: path).volume(0).voxels.prefix(4) == [0, 32767, -32768, 3])
    }

    @Test("reads its orientation from the qform as well as from the sform")
    func qform() throws {
        for mirror in [1.0, -1] {
            // Quaternion (0.8, 0.2, 0.4, 0.4).
            let affine = Affine(
                SIMD3(0.36, 0.8, -0.48) * 1.9 * mirror,
                SIMD3(-0.48, 0.6, 0.64) * 2.1,
                SIMD3(0.8, 0, 0.6) * 3.5,
                translation: [20, -31.5, 7.25]
            )
            var bytes = NIfTIHeader(grid: VoxelGrid(shape: grid.shape, affine: affine)).encoded
            bytes.replaceSubrange(254..<256, with: [0, 0])
            let header = try NIfTIHeader(parsing: bytes)
            #expect(header.codes == (1, 0))
            #expect(header.affine.distance(to: affine) < 1e-5)
        }
    }

    @Test("is reported as cut short, wherever it was cut", arguments: ["a.nii", "a.nii.gz"])
    func truncated(name: String) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent(name).path
        try NIfTIWriter.write(volumes(1)[0], to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for count in stride(from: 0, to: whole.count - 9, by: 7) {
            try whole.prefix(count).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: NeuroimagingError.self) { _ = try NIfTIReader(path: path).volume(0) }
            #expect(error?.code == .truncated || count < 2, "\(count) bytes: \(error?.description ?? "")")
        }
    }

    @Test("that promises more voxels than it has costs no memory for them")
    func promises() throws {
        var header = NIfTIHeader(grid: VoxelGrid(shape: [30000, 30000, 1000], affine: .identity), dataType: .float64)
        header.dataOffset = 352
        let error = #expect(throws: NeuroimagingError.self) {
            _ = try NIfTIReader(bytes: header.encoded + [0, 0, 0, 0, 1, 2, 3]).volume(0)
        }
        #expect(error?.code == .truncated)
    }

    @Test("in quadruple precision is rounded to double")
    func quadruple() {
        let one = UInt128(0x3FFF) << 112
        #expect(VoxelDecoding.quadruple(one) == 1)
        #expect(VoxelDecoding.quadruple(one | UInt128(1) << 111 | UInt128(1) << 127) == -1.5)
        #expect(VoxelDecoding.quadruple(0) == 0)
        #expect(VoxelDecoding.quadruple(UInt128(0x7FFF) << 112) == .infinity)
    }
}
