import Foundation
import Testing

@testable import WireFormat

/// The examples in `Docs/protocol.md`, against the encoder and decoder.
@Suite("The text of the protocol")
struct ProtocolTextTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// What is in the fenced blocks marked `message`: topic, header, and the payload in hex.
    private static func examples() throws -> [WireMessage] {
        let text = try String(contentsOf: folder.appendingPathComponent("Docs/protocol.md"), encoding: .utf8)
        return try text.components(separatedBy: "```message\n").dropFirst().map { block in
            let lines = block.components(separatedBy: "```")[0].split(separator: "\n").map(String.init)
            let digits = lines.dropFirst(2).joined().compactMap(\.hexDigitValue)
            let payload = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
            let parts = [Array(lines[0].utf8), Array(lines[1].utf8)] + (payload.isEmpty ? [] : [payload])
            return try WireMessage(parts: parts)
        }
    }

    private func encoded<Body: MessageBody>(_ type: Body.Type, _ message: WireMessage) throws -> WireMessage {
        let header = try message.decode(type)
        return try WireMessage(header.body, topic: message.topic, stamp: header.stamp, payload: message.payload)
    }

    @Test("every example is read, and written again byte for byte")
    func examples() throws {
        let examples = try Self.examples()
        #expect(Set(examples.map(\.topic)) == Set(Topic.allCases))
        for message in examples {
            let again =
                switch message.topic {
                case .run: try encoded(RunBody.self, message)
                case .volume: try encoded(VolumeBody.self, message)
                case .event: try encoded(EventBody.self, message)
                case .trigger: try encoded(TriggerBody.self, message)
                case .status: try encoded(StatusBody.self, message)
                case .motion: try encoded(MotionBody.self, message)
                case .quality: try encoded(QualityBody.self, message)
                case .pattern: try encoded(PatternBody.self, message)
                case .preview, .reconstruction: try encoded(ReconstructionBody.self, message)
                case .recorded: try encoded(RecordedBody.self, message)
                case .heartbeat: try WireMessage(message.decode(Heartbeat.self))
                case .resend: try WireMessage(message.decode(ResendRequest.self))
                case .resent: try WireMessage(message.decode(ResendAnswer.self))
                }
            #expect(again == message, "\(message.topic)")
        }
    }

    @Test("the volume of the example has the checksum that the text describes")
    func checksum() throws {
        let message = try #require(try Self.examples().first { $0.topic == .volume })
        var checksum = UInt32.max
        for byte in message.payload[0] {
            checksum ^= UInt32(byte)
            for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        #expect(try message.decode(VolumeBody.self).body.checksum == String(~checksum, radix: 16))
    }

    @Test("every field of the examples is explained in the text")
    func fields() throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("Docs/protocol.md"), encoding: .utf8)
        for message in try Self.examples() {
            let header = try JSONSerialization.jsonObject(with: Data(message.header)) as? [String: Any]
            for field in try #require(header).keys { #expect(text.contains("`\(field)`"), "\(message.topic).\(field)") }
        }
    }
}
