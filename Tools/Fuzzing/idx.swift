// corpus: *-labels-idx1-ubyte.gz *.idx
// module: Training
// sources: Datasets/IDXFile.swift Datasets/DatasetFile.swift Datasets/DatasetError.swift
import Foundation
import Training

/// Reads an array, compressed or not.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let data = Data(UnsafeBufferPointer(start: start, count: count))
    if let file = try? IDXFile(data, name: "array", limit: 1 << 20) {
        precondition(file.elements.count == file.shape.reduce(1, *), "elements are missing")
    }
    return 0
}
