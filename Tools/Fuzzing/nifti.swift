// corpus: *.nii *.nii.gz
import Neuroimaging

/// Reads an image with some of its volumes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    guard let reader = try? NIfTIReader(bytes: bytes) else { return 0 }
    for volume in [0, 1, reader.header.volumes - 1] { _ = try? reader.volume(volume) }
    return 0
}
