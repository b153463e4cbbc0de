import Foundation
import SharedMaterial
import Testing

@testable import Neuroimaging

@Suite("A CSA header", .enabled(if: SharedMaterial.isPresent, Comment(rawValue: SharedMaterial.missing)))
struct SiemensCSATests {
    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: try SharedMaterial.url("data/fixtures/nifti-nibabel/nicom/" + name)))
    }

    @Test("has the values that nibabel reads")
    func values() throws {
        let header = try SiemensCSAHeader(try bytes("csa2_b1000.bin")[...])
        #expect(header.numbers("NumberOfImagesInMosaic") == [48])
        #expect(header.numbers("SliceNormalVector") == [0, 0.00523632, 0.99998629])
        #expect(header.numbers("B_value") == [1000])
        #expect(Array(header.numbers("MosaicRefAcqTimes").prefix(3)) == [6489.99999999, 6350.00000001, 6212.49999999])
        #expect(header.values.count == 30)
        #expect(try SiemensCSAHeader(try bytes("csa_str_valid.bin")[...]).values.isEmpty)
    }

    @Test("of the older form has its values too")
    func older() throws {
        // One entry of three items, of which two are used; lengths are more by the number of items.
        func number(_ value: Int32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> Int32(8 * $0)) } }
        func text(_ text: String, _ count: Int) -> [UInt8] {
            Array(text.utf8) + [UInt8](repeating: 0, count: count - text.utf8.count)
        }
        var header = number(1) + number(77) + text("SliceNormalVector", 64) + number(3) + text("FD", 4) + number(4)
        header += number(3) + number(77)
        for value in ["0.5", "-1.25"] { header += number(5 + 3) + number(5) + number(77) + number(5) + text(value, 8) }
        header += number(0 + 3) + number(0) + number(77) + number(0)
        #expect(try SiemensCSAHeader(header[...]).numbers("SliceNormalVector") == [0.5, -1.25])
    }

    @Test("with too many items, or cut anywhere, is refused")
    func damaged() throws {
        let many = try bytes("csa_str_1001n_items.bin")
        #expect(throws: NeuroimagingError.self) { try SiemensCSAHeader(many[...]) }
        let whole = try bytes("csa2_b0.bin")
        for count in stride(from: 0, to: 9000, by: 97) {
            #expect(throws: NeuroimagingError.self) { try SiemensCSAHeader(whole[..<count]) }
        }
    }

    @Test("with any byte changed never traps")
    func changed() throws {
        var bytes = try bytes("csa2_b0.bin")
        for index in stride(from: 0, to: bytes.count, by: 13) {
            let byte = bytes[index]
            for value: UInt8 in [0, 0x7F, 0xFF] {
                bytes[index] = value
                _ = try? SiemensCSAHeader(bytes[...])
            }
            bytes[index] = byte
        }
    }
}
