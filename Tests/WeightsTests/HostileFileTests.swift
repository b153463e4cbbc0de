import Foundation
import Tensors
import Testing

@testable import Weights

/// Every reader must answer any bytes with a result or a `WeightsError`: no trap, no hang, no memory beyond the input's.
@Suite("Hostile files")
struct HostileFileTests {
    /// Reads bytes as every format and uses what comes out.
    static func readEverything(_ bytes: [UInt8]) {
        let region = ByteRegion(copying: bytes)
        func attempt(_ body: () throws -> Void) {
            do { try body() } catch {
                #expect(error is WeightsError, "\(error)")
                #expect("\(error)".count < 2000)
            }
        }
        attempt {
            let checkpoint = try TorchCheckpoint(region, path: "input")
            _ = checkpoint.root["epoch"]?.int
            use(try checkpoint.stateDictionary())
        }
        attempt {
            let npz = try NPZ(region, path: "input")
            for name in npz.names {
                attempt { use(try npz.array(name)) }
                attempt { _ = try npz.objects(name).entries }
            }
        }
        attempt { use(try NPY.read(region, subject: "input")) }
        attempt { _ = try NPY.readObjects(region, subject: "input").elements }
        attempt { use(try Safetensors(region, path: "input").tensors) }
    }

    private static func use(_ state: StateDictionary) {
        for name in state.names { if let array = state[name] { use(array) } }
    }

    /// A broadcast view may have far more elements than bytes; reading those would only test patience.
    private static func use(_ array: StoredArray) {
        if array.count < 1 << 16 { #expect(array.doubles().count == array.count) }
    }

    static func samples() throws -> [(name: String, bytes: [UInt8])] {
        var samples: [(String, [UInt8])] = [
            ("npy", NPY.encode([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3]))
        ]
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("percept-\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let values: [Float] = [1, 2, 3, 4]
        let output = Safetensors.Output(name: "w", shape: [2, 2]) { (body) throws(WeightsError) in
            let outcome = values.withUnsafeBufferPointer { buffer in
                Result { () throws(WeightsError) in try body(buffer) }
            }
            try outcome.get()
        }
        try Safetensors.write([output], metadata: ["kind": "test"], to: path)
        samples.append(("safetensors", Array(try Data(contentsOf: URL(fileURLWithPath: path)))))
        guard Shared.isPresent else { return samples }
        let small =
            [".pth", ".ckpt", ".bin", ".npz"].flatMap { Shared.files(below: "fixtures", suffix: $0) }
            + [".pt", ".pth", ".npy", ".npz", ".safetensors"].flatMap {
                Shared.files(below: "data/fixtures", suffix: $0)
            }
        for path in small {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
            if bytes.count < 70_000 { samples.append((path, bytes)) }
        }
        return samples
    }

    @Test("two thousand mutations of real files are read or refused")
    func mutations() throws {
        let samples = try Self.samples()
        var random = RandomNumbers(seed: 20_261_123, purpose: "mutations")
        for index in 0..<2000 {
            var bytes = samples[index % samples.count].bytes
            for _ in 0...random.integer(below: 4) { Self.mutate(&bytes, &random) }
            Self.readEverything(bytes)
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout RandomNumbers) {
        guard bytes.count > 8 else { return }
        let position = random.integer(below: bytes.count)
        switch random.integer(below: 6) {
        case 0: bytes.removeSubrange(position...)
        case 1: bytes[position] ^= 1 << UInt8(random.integer(below: 8))
        case 2:
            // A length field somewhere becomes absurd.
            let value: [UInt8] = [
                [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff],
            ][random.integer(below: 4)]
            for (offset, byte) in value.enumerated() where position + offset < bytes.count {
                bytes[position + offset] = byte
            }
        case 3: bytes[position] = UInt8(random.integer(below: 256))
        case 4:
            let other = random.integer(below: bytes.count)
            let length = min(random.integer(below: 64), bytes.count - max(position, other))
            bytes.replaceSubrange(position..<position + length, with: Array(bytes[other..<other + length]))
        default: bytes.removeSubrange(position..<min(bytes.count, position + random.integer(below: 16)))
        }
    }

    @Test("every truncation of a small file is read or refused")
    func truncations() throws {
        for sample in try Self.samples() where sample.bytes.count < 1500 {
            for length in 0..<sample.bytes.count { Self.readEverything(Array(sample.bytes[..<length])) }
        }
    }

    @Test("pickles that nest, share or mark without end cost no more than their length")
    func endlessPickles() {
        let depth = 500_000
        Self.readEverything([0x80, 2] + [UInt8](repeating: UInt8(ascii: "("), count: depth))
        // Tuples within tuples, as deep as the file is long.
        Self.readEverything(
            [0x80, 2] + [UInt8](repeating: UInt8(ascii: ")"), count: 1) + [UInt8](repeating: 0x85, count: depth) + [
                UInt8(ascii: ".")
            ]
        )
        // Each list holds the one before it ten times: written out it would have 10^20 elements.
        var shared: [UInt8] = [0x80, 2, UInt8(ascii: "]"), UInt8(ascii: "q"), 0]
        for level in 0..<20 {
            shared += [UInt8(ascii: "]"), UInt8(ascii: "(")]
            for _ in 0..<10 { shared += [UInt8(ascii: "h"), UInt8(level)] }
            shared += [UInt8(ascii: "e"), UInt8(ascii: "q"), UInt8(level + 1)]
        }
        Self.readEverything(shared + [UInt8(ascii: ".")])
        // A list that holds itself.
        Self.readEverything([0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e])
    }

    @Test("an archive may neither claim absurd sizes nor overlap nor name places outside of itself")
    func hostileArchives() throws {
        #expect(throws: WeightsError.self) {
            try NPZ(ByteRegion(copying: Self.zip(name: "../../etc/passwd.npy")), path: "x")
        }
        #expect(throws: WeightsError.self) { try NPZ(ByteRegion(copying: Self.zip(name: "/a.npy")), path: "x") }
        #expect(throws: WeightsError.self) {
            let npz = try NPZ(
                ByteRegion(copying: Self.zip(name: "a.npy", claimedSize: 0x7fff_ffff, method: 8)),
                path: "x"
            )
            _ = try npz.array("a")
        }
        #expect(throws: WeightsError.self) {
            let npz = try NPZ(ByteRegion(copying: Self.zip(name: "a.npy", claimedSize: 0x7fff_ffff)), path: "x")
            _ = try npz.array("a")
        }
        let valid = try NPZ(ByteRegion(copying: Self.zip(name: "a.npy")), path: "x")
        #expect(try valid.array("a").floats() == [1, 2])
    }

    @Test("a safetensors header may neither be absurdly long nor describe arrays outside of the file")
    func hostileSafetensors() {
        func file(_ header: String, data: Int) -> ByteRegion {
            let text = Array(header.utf8)
            let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
            return ByteRegion(copying: length + text + [UInt8](repeating: 0, count: data))
        }
        let headers = [
            #"{"a":{"dtype":"F32","shape":[100000000000],"data_offsets":[0,400000000000]}}"#,
            #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}"#,
            #"[1,2,3]"#,
        ]
        for header in headers {
            #expect(throws: WeightsError.self, "\(header)") { try Safetensors(file(header, data: 8), path: "x") }
        }
        let endless = withUnsafeBytes(of: UInt64.max) { Array($0) } + [123]
        #expect(throws: WeightsError.self) { try Safetensors(ByteRegion(copying: endless), path: "x") }
    }

    /// A stored archive of one npy array, with fields that may lie.
    private static func zip(name: String, claimedSize: UInt32? = nil, method: UInt16 = 0) -> [UInt8] {
        func little(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        let content = NPY.encode([1, 2] as [Float], shape: [2])
        let size = claimedSize ?? UInt32(content.count)
        let stored = method == 0 ? size : UInt32(content.count)
        let common =
            little(UInt16(0)) + little(method) + little(UInt32(0)) + little(UInt32(0)) + little(stored) + little(size)
            + little(UInt16(name.utf8.count))
        let local = little(UInt32(0x0403_4b50)) + little(UInt16(20)) + common + little(UInt16(0)) + Array(name.utf8)
        let central =
            little(UInt32(0x0201_4b50)) + little(UInt16(20)) + little(UInt16(20)) + common
            + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt32(0))
            + little(UInt32(0)) + Array(name.utf8)
        let offset = UInt32(local.count + content.count)
        let end =
            little(UInt32(0x0605_4b50)) + little(UInt32(0)) + little(UInt16(1)) + little(UInt16(1))
            + little(UInt32(central.count)) + little(offset) + little(UInt16(0))
        return local + content + central + end
    }
}
