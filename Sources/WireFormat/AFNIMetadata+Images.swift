extension AFNIMetadata {
    /// The bytes that a sender sends for one point in time.
    ///
    /// - Parameter volumes: The voxels of each channel, little-endian, x fastest.
    public func images(_ volumes: [[UInt8]]) -> [UInt8] {
        precondition(volumes.count == channels, "there is a volume for each channel")
        precondition(volumes.allSatisfy { $0.count == volumeSize }, "a volume has a number for every voxel")
        let slices = acquisition.isBySlice ? sliceOrder.slices(count: shape.z) : [0]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(volumeSize * channels)
        for slice in slices {
            let range = slice * imageSize..<(slice + 1) * imageSize
            for volume in volumes { bytes += volume[range] }
        }
        if isBigEndian { bytes.reverse(inGroupsOf: datum.size) }
        return bytes
    }

    /// The image that ends a run without closing the channel; nil if images are too small for it.
    public var endOfRunImage: [UInt8]? {
        let marker = AFNIStreamReader.endOfRun
        guard imageSize >= marker.count else { return nil }
        return marker + [UInt8](repeating: 0, count: imageSize - marker.count)
    }
}

extension [UInt8] {
    /// Reverses the order of bytes within each number of a size.
    mutating func reverse(inGroupsOf size: Int) {
        guard size > 1 else { return }
        withUnsafeMutableBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: size) {
                for index in 0..<size / 2 { bytes.swapAt(start + index, start + size - 1 - index) }
            }
        }
    }
}
