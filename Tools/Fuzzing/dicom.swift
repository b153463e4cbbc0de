// corpus: *.dcm *.MRDC.* MR.* mr_* *.IMA
@testable import Neuroimaging

/// Reads an image with its pixels, and sorts its slices into volumes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    if let data = try? DICOMDataSet(bytes), let pixels = try? DICOMPixelData(data) {
        _ = try? pixels.values(frame: 0)
        _ = try? pixels.values(frame: pixels.frames - 1)
    }
    guard let image = try? DICOMImage(bytes) else { return 0 }
    let files = [DICOMSeries.File(path: "", header: image.header)]
    _ = DICOMSeries.series(of: files, duplicates: [])
    for slices in DICOMGrouping.volumes(image.slices).values.prefix(3) {
        let parts = slices.map { image.slices[$0] }
        guard let values = try? parts.map({ ($0, try image.values($0.frame)) }) else { continue }
        let key = DICOMSeriesKey(instance: "", number: nil, channel: "")
        _ = try? DICOMVolumeBuilder.volume(values, key: key, temporalPosition: 0)
    }
    return 0
}
