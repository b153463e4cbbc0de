/// How a camera was held: tag 0x0112 of EXIF 2.3, which says where row 0 and column 0 of the stored image belong.
enum EXIFOrientation: Int {
    case upright = 1, mirrored, turnedHalf, flipped, transposed, turnedRight, transversed, turnedLeft

    /// The orientation that a JPEG image states, if it states one.
    ///
    /// It is in the first application segment that begins with `Exif`, before the first scan; whatever in it cannot be
    /// understood states nothing.
    init?(jpeg: UnsafeRawBufferPointer) {
        var start = 2
        while start + 4 <= jpeg.count, jpeg[start] == 0xff {
            let marker = jpeg[start + 1]
            // Any number of fill bytes may precede a marker.
            if marker == 0xff {
                start += 1
                continue
            }
            let length = Int(jpeg[start + 2]) << 8 | Int(jpeg[start + 3])
            guard marker != 0xda, length >= 2, start + 2 + length <= jpeg.count else { return nil }
            let segment = UnsafeRawBufferPointer(rebasing: jpeg[start + 4..<start + 2 + length])
            if marker == 0xe1, segment.starts(with: Array("Exif\0\0".utf8)) {
                self.init(tiff: UnsafeRawBufferPointer(rebasing: segment.dropFirst(6)))
                return
            }
            start += 2 + length
        }
        return nil
    }

    /// The orientation in the first directory of a TIFF file.
    private init?(tiff: UnsafeRawBufferPointer) {
        guard tiff.count >= 8, tiff[0] == tiff[1], tiff[0] == UInt8(ascii: "I") || tiff[0] == UInt8(ascii: "M") else {
            return nil
        }
        let isBigEndian = tiff[0] == UInt8(ascii: "M")
        func number(at offset: Int, bytes: Int) -> Int? {
            guard offset >= 0, offset <= tiff.count - bytes else { return nil }
            let digits = tiff[offset..<offset + bytes]
            return (isBigEndian ? Array(digits) : digits.reversed()).reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(at: 2, bytes: 2) == 42, let directory = number(at: 4, bytes: 4),
            let count = number(at: directory, bytes: 2)
        else { return nil }
        for index in 0..<count {
            let entry = directory + 2 + 12 * index
            guard let tag = number(at: entry, bytes: 2) else { return nil }
            // A number of 16 bits stands at the front of the field for the value.
            if tag == 0x0112, number(at: entry + 2, bytes: 2) == 3, let value = number(at: entry + 8, bytes: 2) {
                self.init(rawValue: value)
                return
            }
        }
        return nil
    }

    /// The image as it was seen.
    func upright(_ image: Image8) -> Image8 {
        guard self != .upright else { return image }
        let (rows, columns) = (image.height - 1, image.width - 1)
        let isTransposed = rawValue >= 5
        var result = Image8(
            height: isTransposed ? image.width : image.height,
            width: isTransposed ? image.height : image.width
        )
        for y in 0..<result.height {
            for x in 0..<result.width {
                let (row, column) =
                    switch self {
                    case .upright: (y, x)
                    case .mirrored: (y, columns - x)
                    case .turnedHalf: (rows - y, columns - x)
                    case .flipped: (rows - y, x)
                    case .transposed: (x, y)
                    case .turnedRight: (rows - x, y)
                    case .transversed: (rows - x, columns - y)
                    case .turnedLeft: (x, columns - y)
                    }
                for channel in 0..<3 { result[y, x, channel] = image[row, column, channel] }
            }
        }
        return result
    }
}
