// module: WireFormat
// corpus: *.message
import Foundation

@testable import WireFormat

/// Takes a message apart and decodes whatever it is; what is read is written and read again.
///
/// A file is a number of parts, each with its length in two bytes before it (little-endian).
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    var parts: [[UInt8]] = []
    var place = 0
    while place + 2 <= bytes.count {
        let end = min(bytes.count, place + 2 + Int(bytes[place]) + Int(bytes[place + 1]) << 8)
        parts.append(Array(bytes[place + 2..<end]))
        place = end
    }
    guard let message = try? WireMessage(parts: parts) else { return 0 }
    precondition(message.parts == parts, "parts changed")
    _ = try? message.stamp()
    _ = try? message.decode(Heartbeat.self)
    _ = try? message.decode(ResendRequest.self)
    _ = try? message.decode(ResendAnswer.self)
    guard let (stamp, content) = try? message.content() else { return 0 }
    switch content {
    case .run(let body): check(body, stamp, message)
    case .volume(let body): check(body, stamp, message)
    case .event(let body): check(body, stamp, message)
    case .trigger(let body): check(body, stamp, message)
    case .status(let body): check(body, stamp, message)
    case .motion(let body): check(body, stamp, message)
    case .quality(let body): check(body, stamp, message)
    case .pattern(let body): check(body, stamp, message)
    case .preview(let body), .reconstruction(let body): check(body, stamp, message)
    case .recorded(let body): check(body, stamp, message)
    }
    return 0
}

/// What was decoded is encoded to a message that says the same.
private func check<Body: MessageBody & Equatable>(_ body: Body, _ stamp: MessageStamp, _ message: WireMessage) {
    do {
        let again = try WireMessage(body, topic: message.topic, stamp: stamp, payload: message.payload)
        let decoded = try again.decode(Body.self)
        precondition(decoded.body == body && decoded.stamp == stamp, "a field changed")
    } catch {
        preconditionFailure("what was read cannot be written: \(error)")
    }
}
