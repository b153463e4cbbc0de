// module: WireFormat
// corpus: *.pyneal
import WireFormat

/// Reads a header and, after a zero byte, voxels; what was read is written again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    let json = Array(bytes.prefix { $0 != 0 })
    guard let header = try? PynealHeader(json: json, largestVolume: 1 << 16) else { return 0 }
    var payload = Array(bytes.dropFirst(json.count + 1).prefix(header.payloadSize))
    _ = try? PynealPayload.voxels(payload, header)
    payload += [UInt8](repeating: 7, count: header.payloadSize - payload.count)
    guard let voxels = try? PynealPayload.voxels(payload, header) else { preconditionFailure("the size fits") }
    precondition(PynealPayload.payload(voxels, header) == payload, "the order did not come back")
    var again = try? PynealHeader(json: header.encoded, largestVolume: 1 << 16)
    // Seconds and milliseconds are told apart by their size only.
    again?.repetitionTime = header.repetitionTime
    precondition(again == header, "the header changed")
    return 0
}
