import Foundation
import SharedMaterial
import Testing

@testable import Neuroimaging

@Suite("A NIfTI file, as nibabel reads it", .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)"))
struct NIfTIManifestTests {
    static let rows = ManifestRow.all("nifti.tsv")

    @Test("is refused where nibabel refuses it", arguments: rows.filter { !$0.isReadable })
    func refused(row: ManifestRow) throws {
        let path = try #require(row.url).path
        #expect(throws: NeuroimagingError.self) {
            let reader = try NIfTIReader(path: path)
            for index in 0..<reader.header.volumes { _ = try reader.volume(index) }
        }
    }

    @Test("has the same shape and affine", arguments: rows.filter { $0.isReadable })
    func geometry(row: ManifestRow) throws {
        let header = try NIfTIReader(path: try #require(row.url).path).header
        #expect(header.dimensions == row.numbers(3).map { Int($0) })
        #expect(header.isBigEndian == (row.fields[6] == ">"))
        let expected = row.numbers(11)
        let found = header.affine.rows.flatMap { [$0.x, $0.y, $0.z, $0.w] }
        #expect(expected.count == 16)
        // The manifest rounds to five significant digits.
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) }, "\(found)")
    }

    @Test("has the same voxels, bit for bit", arguments: rows.filter { $0.isReadable && $0.voxels < 5_000_000 })
    func voxels(row: ManifestRow) throws {
        let reader = try NIfTIReader(path: try #require(row.url).path)
        let header = reader.header
        var bytes: [UInt8] = []
        for volume in 0..<header.volumes { bytes += try reader.storedBytes(volume) }
        if header.isBigEndian { Self.reverseBytes(&bytes, header.dataType.componentSize) }
        // nibabel's array is scaled where the file has a slope; the sums below cover those.
        guard header.scaling == (1, 0) else { return }
        let ordered = Self.lastAxisFastest(bytes, header.dimensions, header.dataType.size)
        #expect(ManifestRow.digest(ordered) == row.fields[10])
    }

    @Test("has the same sum of values", arguments: rows.filter { $0.isReadable && Double($0.fields[9]) != nil })
    func sums(row: ManifestRow) throws {
        let reader = try NIfTIReader(path: try #require(row.url).path)
        guard reader.header.dimensions.reduce(1, *) < 5_000_000 else { return }
        var sum = 0.0
        for index in 0..<reader.header.volumes {
            sum = try reader.volume(index).voxels.reduce(sum) { $1.isNaN ? $0 : $0 + Double($1) }
        }
        let expected = try #require(Double(row.fields[9]))
        #expect(abs(sum - expected) <= 1e-6 * max(1, abs(expected)), "\(sum)")
    }

    /// Elements in the order of a C array, which the manifest's digests are of.
    static func lastAxisFastest(_ bytes: [UInt8], _ shape: [Int], _ size: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var strides = [Int](repeating: size, count: shape.count)
        for axis in 1..<max(1, shape.count) { strides[axis] = strides[axis - 1] * shape[axis - 1] }
        func walk(_ axis: Int, _ offset: Int) {
            if axis == shape.count {
                result += bytes[offset..<offset + size]
            } else {
                for index in 0..<shape[axis] { walk(axis + 1, offset + index * strides[axis]) }
            }
        }
        walk(0, 0)
        return result
    }

    static func reverseBytes(_ bytes: inout [UInt8], _ size: Int) {
        guard size > 1 else { return }
        for start in stride(from: 0, to: bytes.count - size + 1, by: size) {
            bytes[start..<start + size].reverse()
        }
    }
}

extension ManifestRow {
    fileprivate var voxels: Double { numbers(3).reduce(1, *) }
}
