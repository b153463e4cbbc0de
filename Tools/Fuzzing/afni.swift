// module: WireFormat
// corpus: *.afni
import WireFormat

/// Reads a stream of runs in two pieces, and metadata again as they were written.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    _ = try? AFNIControl(bytes)
    var whole: [AFNIStreamReader.Item] = []
    var reader = AFNIStreamReader(largestVolume: 1 << 16, channel: 1)
    try? reader.take(bytes[...]) { whole.append($0) }

    // However a stream is cut, the same comes of it.
    var pieces: [AFNIStreamReader.Item] = []
    reader = AFNIStreamReader(largestVolume: 1 << 16, channel: 1)
    let cut = count / 3
    do {
        try reader.take(bytes[..<cut]) { pieces.append($0) }
        try reader.take(bytes[cut...]) { pieces.append($0) }
    } catch {}
    precondition(whole == pieces, "the cut changed the result")

    for case .run(let metadata) in whole {
        let again = try? AFNIMetadata(Array(metadata.encoded.dropLast()), largestVolume: 1 << 16)
        precondition(again == nil || again?.shape == metadata.shape, "the shape changed")
    }
    return 0
}
