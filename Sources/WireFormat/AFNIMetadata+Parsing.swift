extension AFNIMetadata {
    /// The longest block of metadata, in bytes.
    public static let largestBlock = 32 << 10
    /// The longest line, in bytes.
    static let longestLine = 1023
    /// The most voxels along an axis.
    static let largestDimension = 32_767

    /// Reads the block of lines that comes before images, without the zero byte at its end.
    ///
    /// Lines that are unknown or wrong are noted as warnings, as long as the images can be understood without them.
    ///
    /// - Parameters:
    ///   - block: The lines.
    ///   - largestVolume: The most bytes of a volume, over all channels.
    /// - Throws: `malformed` where something needed is missing or wrong, `unsupported` for images that are not of real
    ///   numbers, `tooLarge` beyond the limits.
    public init(_ block: [UInt8], largestVolume: Int) throws(WireError) {
        guard block.count <= Self.largestBlock else {
            throw WireError(
                .tooLarge,
                "AFNI metadata",
                "is longer than the \(Self.largestBlock) bytes that AFNI allows"
            )
        }
        var parser = AFNIMetadataParser()
        for line in block.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            if line.count > Self.longestLine {
                parser.warnings.append("a line of \(line.count) characters is longer than \(Self.longestLine)")
            } else {
                try parser.read(String(decoding: line, as: UTF8.self))
            }
        }
        self = try parser.metadata(largestVolume: largestVolume)
    }
}
