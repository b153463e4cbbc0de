import Foundation
import Testing

@testable import WireFormat

@Suite("Messages that are not what they should be")
struct HostileHeaderTests {
    /// A good volume's header with some fields changed; nil takes a field away.
    private func message(_ changes: [String: Any?], payload: [[UInt8]] = [Samples.voxels]) throws -> WireMessage {
        let good = try WireMessage(Samples.volume, topic: .volume, stamp: Samples.stamp, payload: [Samples.voxels])
        var fields = try #require(try JSONSerialization.jsonObject(with: Data(good.header)) as? [String: Any])
        for (name, value) in changes { fields[name] = value }
        return WireMessage(
            topic: .volume,
            header: [UInt8](try JSONSerialization.data(withJSONObject: fields)),
            payload: payload
        )
    }

    private func code(_ message: WireMessage, _ limits: MessageLimits = MessageLimits()) -> WireError.Code? {
        do {
            _ = try message.content(limits)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a good header is read, with fields that nobody knows")
    func good() throws {
        #expect(code(try message([:])) == nil)
        #expect(code(try message(["coil": "head-32", "gradients": [1, 2]])) == nil)
        #expect(code(try message(["slope": nil, "acquiredAt": nil, "repetitionTime": nil])) == nil)
    }

    @Test("a volume that claims too much, or nothing sensible, is refused by kind")
    func volumes() throws {
        let cases: [(String, Any?, WireError.Code)] = [
            ("shape", [1_000, 1_000, 1_000], .tooLarge), ("shape", [Int.max, Int.max, 2], .tooLarge),
            ("shape", [1 << 32, 1 << 32, 1], .tooLarge), ("shape", [4, 3], .malformed),
            ("shape", [0, 3, 2], .malformed),
            ("shape", [-4, -3, 2], .malformed), ("shape", [4.5, 3, 2], .malformed), ("shape", [4, 3, 1], .corrupt),
            ("dtype", "float32", .corrupt), ("dtype", "complex64", .malformed), ("dtype", 3, .malformed),
            ("affine", [[1, 0, 0, 0]], .malformed), ("affine", "[]", .malformed), ("index", -1, .malformed),
            ("index", 10_000_001, .tooLarge), ("index", nil, .malformed), ("repetitionTime", 0, .malformed),
            ("repetitionTime", 1000, .malformed), ("slope", 0, .malformed), ("checksum", "12345", .malformed),
            ("checksum", "+1234567", .malformed), ("checksum", "00C0FFEE", .malformed), ("acquiredAt", -1, .malformed),
            ("session", "", .malformed), ("session", "a/b", .malformed), ("run", "a\u{7}", .malformed),
            ("run", String(repeating: "x", count: 201), .tooLarge), ("publisher", nil, .malformed),
            ("sequence", -1, .malformed), ("sequence", 1 << 62, .tooLarge), ("sentAt", 1e12, .malformed),
            ("protocol", 2, .unsupported), ("protocol", "1", .malformed), ("protocol", nil, .malformed),
        ]
        for (field, value, expected) in cases {
            #expect(code(try message([field: value])) == expected, "\(field) \(String(describing: value))")
        }
        #expect(code(try message([:], payload: [])) == .malformed)
        #expect(code(try message([:], payload: [Samples.voxels, []])) == .malformed)
        #expect(code(try message([:], payload: [Array(Samples.voxels.dropLast())])) == .corrupt)
    }

    @Test("limits are those that are given")
    func limits() throws {
        var limits = MessageLimits()
        limits.voxels = 23
        #expect(code(try message([:]), limits) == .tooLarge)
        limits.voxels = 24
        #expect(code(try message([:]), limits) == nil)
        limits.headerBytes = 100
        #expect(code(try message([:]), limits) == .tooLarge)
    }

    @Test("nesting is bounded before JSON is read, braces in texts do not count")
    func nesting() throws {
        let deep = String(repeating: "[", count: 30_000)
        #expect(code(WireMessage(topic: .event, header: Array(deep.utf8))) == .tooLarge)
        let stamp = Samples.stamp
        let event = EventBody(trialType: String(repeating: "[{\\\"", count: 20))
        let again = try WireMessage(event, topic: .event, stamp: stamp).decode(EventBody.self).body
        #expect(again == event)
    }

    @Test("parts that are not a message are refused by kind")
    func parts() {
        func code(_ parts: [[UInt8]]) -> WireError.Code? {
            do {
                _ = try WireMessage(parts: parts)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code([]) == .malformed)
        #expect(code([Array("run".utf8)]) == .malformed)
        #expect(code([Array("gaze".utf8), []]) == .unsupported)
        #expect(code([[0xff, 0xfe], []]) == .unsupported)
        #expect(code([Array("run".utf8), [UInt8](repeating: 32, count: 65_537)]) == .tooLarge)
        #expect(code([Array("run".utf8)] + [[UInt8]](repeating: [], count: 8)) == .tooLarge)
    }

    @Test("any change of one byte gives a message or a typed error, never a trap")
    func oneByte() throws {
        let good = try WireMessage(Samples.status, topic: .status, stamp: Samples.stamp)
        for place in good.header.indices {
            for byte: UInt8 in [0, 34, 48, 92, 123, 0xff] {
                var changed = good
                changed.header[place] = byte
                _ = code(changed)
                _ = code(WireMessage(topic: .status, header: Array(good.header.prefix(place))))
            }
        }
    }
}
