import Preprocessing
import Testing

@Suite("A saved state")
struct StateTests {
    @Test("is read back bit for bit")
    func roundTrip() throws {
        var writer = StateWriter()
        writer.write([1.0 / 3, -.infinity, .leastNonzeroMagnitude])
        writer.write([Float(0.1), 7])
        writer.write(42)
        writer.write(true)
        writer.write([UInt8(1), 2, 3])
        var reader = StateReader(writer.bytes)
        #expect(try reader.doubles(3) == [1.0 / 3, -.infinity, .leastNonzeroMagnitude])
        #expect(try reader.floats() == [0.1, 7])
        #expect(try reader.integer() == 42)
        #expect(try reader.bool())
        #expect(try reader.byteField(3) == [1, 2, 3])
        #expect(reader.isAtEnd)
    }

    @Test("that was cut short or has other fields is refused")
    func damaged() {
        var writer = StateWriter()
        writer.write([1.0, 2, 3])
        for count in 0..<writer.bytes.count {
            var reader = StateReader(Array(writer.bytes[..<count]))
            #expect(throws: PreprocessingError.self) { try reader.doubles() }
        }
        var reader = StateReader(writer.bytes)
        #expect(throws: PreprocessingError.self) { try reader.floats() }
        #expect(throws: PreprocessingError.self) { try reader.doubles(2) }
        var huge = writer.bytes
        huge.replaceSubrange(1..<9, with: [UInt8](repeating: 0xFF, count: 8))
        var hostile = StateReader(huge)
        #expect(throws: PreprocessingError.self) { try hostile.doubles() }
    }
}
