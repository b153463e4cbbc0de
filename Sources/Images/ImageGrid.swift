extension Image8 {
    /// A contact sheet: the images row by row, in cells of the largest height and width.
    /// - Parameters:
    ///   - images: at least one image; smaller ones sit in the upper left corner of their cell.
    ///   - columns: the number of cells in a row.
    ///   - margin: the pixels between cells.
    ///   - background: the grey level of everything else.
    public static func grid(_ images: [Image8], columns: Int, margin: Int = 0, background: UInt8 = 255) -> Image8 {
        precondition(!images.isEmpty && columns > 0 && margin >= 0, "A grid needs an image and a column.")
        let cell = images.reduce((height: 0, width: 0)) { (max($0.height, $1.height), max($0.width, $1.width)) }
        let columns = min(columns, images.count)
        let rows = (images.count + columns - 1) / columns
        var sheet = Image8(
            height: rows * cell.height + (rows - 1) * margin,
            width: columns * cell.width + (columns - 1) * margin,
            colour: (background, background, background)
        )
        for (index, image) in images.enumerated() {
            let top = index / columns * (cell.height + margin)
            let left = index % columns * (cell.width + margin)
            sheet.paste(image, top: top, left: left)
        }
        return sheet
    }

    private mutating func paste(_ image: Image8, top: Int, left: Int) {
        for y in 0..<image.height {
            let start = ((top + y) * width + left) * 3
            let source = y * image.width * 3
            bytes.replaceSubrange(start..<start + image.width * 3, with: image.bytes[source..<source + image.width * 3])
        }
    }
}
