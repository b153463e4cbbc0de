import Testing

@testable import WireFormat

@Suite("Pyneal messages")
struct PynealTests {
    /// As Pyneal's simulator sent it, for 4×3×2 voxels.
    static let captured =
        #"{"volIdx": 0, "dtype": "float64", "shape": [4, 3, 2], "affine": "[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], "#
        + #"[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]", "TR": "1000.0"}"#

    private func read(_ json: String, largest: Int = 1 << 20) throws(WireError) -> PynealHeader {
        try PynealHeader(json: Array(json.utf8), largestVolume: largest)
    }

    private func header(_ changes: [String: String] = [:]) throws(WireError) -> PynealHeader {
        var members = [
            "volIdx": "3", "dtype": #""int16""#, "shape": "[4, 3, 2]", "TR": #""0.72""#,
            "affine": #""[[2, 0, 0, -9], [0, 2.5, 0, -8], [0, 0, 3, -7.5], [0, 0, 0, 1]]""#,
        ]
        for (key, value) in changes { members[key] = value.isEmpty ? nil : value }
        return try read("{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ",") + "}")
    }

    @Test("the captured header is read, and written the same but for seconds")
    func captured() throws {
        let header = try read(Self.captured)
        #expect(Self.captured.utf8.count == 171)
        #expect(header.volumeIndex == 0)
        #expect(header.dataType == .float64)
        #expect(header.shape == [4, 3, 2])
        #expect(header.affine == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])
        #expect(header.repetitionTime == 1)
        #expect(header.payloadSize == 192)
        let written = String(decoding: header.encoded, as: UTF8.self)
        #expect(written == Self.captured.replacing("1000.0", with: "1.0"))
    }

    @Test("the first number of the captured voxels is 1774")
    func capturedVoxels() throws {
        let header = try read(Self.captured)
        let payload: [UInt8] = [0, 0, 0, 0, 0, 0xB8, 0x9B, 0x40] + [UInt8](repeating: 0, count: 184)
        let voxels = try PynealPayload.voxels(payload, header)
        let first = voxels.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        #expect(Double(bitPattern: UInt64(littleEndian: first)) == 1774)
    }

    @Test("seconds and milliseconds are told apart, and what is neither is unknown")
    func repetitionTimes() throws {
        let times: [(String, Double?)] = [
            (#""0.72""#, 0.72), ("2", 2), (#""2000""#, 2), (#""1000.0""#, 1), (#""50""#, 50), (#""0""#, nil),
        ]
        for (text, seconds) in times { #expect(try header(["TR": text]).repetitionTime == seconds) }
    }

    @Test("NumPy's names and codes of types are known, with their byte order")
    func types() throws {
        let types: [(String, PynealDataType, Bool)] = [
            ("float64", .float64, false), ("<f4", .float32, false), (">i2", .int16, true), ("|u1", .uint8, false),
            ("uint16", .uint16, false), ("=i4", .int32, false), (">f8", .float64, true), ("int8", .int8, false),
            ("bool", .uint8, false), ("uint64", .uint64, false),
        ]
        for (name, type, isBigEndian) in types {
            let header = try header(["dtype": "\"\(name)\""])
            #expect(header.dataType == type)
            #expect(header.isBigEndian == isBigEndian)
        }
        for name in ["complex128", "object", "float16", "", "<", "U4"] {
            #expect(throws: WireError.self) { try header(["dtype": "\"\(name)\""]) }
        }
    }

    @Test("z runs fastest on the wire, x in a volume", arguments: PynealDataType.allCases)
    func order(_ type: PynealDataType) throws {
        let shape = SIMD3(19, 5, 7)
        for isBigEndian in [false, true] {
            var header = PynealHeader(
                volumeIndex: 0,
                dataType: type,
                shape: shape,
                affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
            )
            header.isBigEndian = isBigEndian
            var wire: [UInt8] = []
            for x in 0..<shape.x {
                for y in 0..<shape.y {
                    for z in 0..<shape.z {
                        let number = (0..<type.size).map { UInt8(truncatingIfNeeded: x + 20 * y + 100 * z + $0) }
                        wire += isBigEndian ? number.reversed() : number
                    }
                }
            }
            let voxels = try PynealPayload.voxels(wire, header)
            for z in 0..<shape.z {
                for y in 0..<shape.y {
                    for x in 0..<shape.x {
                        let start = (x + shape.x * (y + shape.y * z)) * type.size
                        let number = (0..<type.size).map { UInt8(truncatingIfNeeded: x + 20 * y + 100 * z + $0) }
                        #expect(Array(voxels[start..<start + type.size]) == number)
                    }
                }
            }
            #expect(PynealPayload.payload(voxels, header) == wire)
        }
    }

    @Test("headers that lack something or claim too much are refused")
    func refusals() throws {
        #expect(throws: Never.self) { try header() }
        for key in ["volIdx", "dtype", "shape", "affine", "TR"] {
            #expect(throws: WireError.self) { try header([key: ""]) }
            #expect(throws: WireError.self) { try header([key: "null"]) }
        }
        let wrong = [
            ("volIdx", "-1"), ("volIdx", "1e30"), ("shape", "[4, 3]"), ("shape", "[4, 3, 0]"),
            ("shape", "[4, 3, 2, 1]"),
            ("shape", "[1000000000, 1, 1]"), ("shape", "[30000, 30000, 30000]"), ("shape", "[-4, 3, -2]"),
            ("affine", "[[1,0,0,0]]"), ("affine", #""[[1,0,0,0],[0,1,0,0],[0,0,0,0],[0,0,0,1]]""#),
            ("affine", #""[[NaN,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]""#),
        ]
        for (key, value) in wrong {
            #expect(throws: WireError.self) { try header([key: value]) }
        }
        #expect(throws: WireError.self) { try read(Self.captured, largest: 191) }
        #expect(throws: WireError.self) { try read(String(repeating: " ", count: 20_000)) }
        #expect(throws: WireError.self) { try read(String(repeating: "[", count: 10_000)) }
    }

    @Test("a header cut anywhere is refused")
    func truncation() {
        let bytes = Array(Self.captured.utf8)
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) {
                try PynealHeader(json: Array(bytes[..<length]), largestVolume: 1 << 20)
            }
        }
    }

    @Test("voxels that are not as many as the header says are refused")
    func sizes() throws {
        let header = try header()
        for count in [0, header.payloadSize - 1, header.payloadSize + 1] {
            #expect(throws: WireError.self) { try PynealPayload.voxels([UInt8](repeating: 0, count: count), header) }
        }
    }
}
