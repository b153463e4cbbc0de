// corpus: *.json
import Neuroimaging

/// Reads the metadata of a run.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    _ = try? BoldMetadata(json: bytes).frameTimes(count: 5)
    return 0
}
