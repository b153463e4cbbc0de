// corpus: *.jpg
// module: Images
// sources: JPEG.swift EXIFOrientation.swift ImageFile.swift PNG.swift Image8.swift ImageError.swift
// shim: CJPEGShim
// systems: CJPEG CPNG
// libraries: jpeg png
import Foundation
import Images

/// Decodes a photograph.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let data = Data(UnsafeBufferPointer(start: start, count: count))
    if let image = try? JPEG.decode(data, name: "image", pixelLimit: 1 << 18) {
        precondition(image.bytes.count == image.height * image.width * 3, "pixels are missing")
    }
    return 0
}
