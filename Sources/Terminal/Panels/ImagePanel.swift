import Images

/// The latest image and what is said of it.
enum ImagePanel {
    static let demand = RowDemand(least: 8, enough: 16, most: 40)

    static func canvas(
        _ state: WatchState,
        width: Int,
        height: Int,
        at time: Double,
        as rendering: BlockImage.Rendering
    ) -> Canvas {
        var canvas = Panel.titled("Reconstruction", width: width, height: height)
        guard let image = state.image else {
            canvas.write("no image yet", row: 1, style: .faint)
            return canvas
        }
        let captions = captions(image, width: width, at: time)
        let room = height - 1 - captions.count
        if let pixels = image.pixels, room > 0 {
            let blocks = BlockImage.canvas(pixels, columns: width, rows: room, as: rendering)
            canvas.draw(blocks, row: 1, column: (width - blocks.width) / 2)
        }
        // Of captions, the last are the least.
        let start = max(1, height - captions.count)
        for (offset, parts) in captions.prefix(height - start).enumerated() {
            Panel.flow(parts, on: &canvas, rows: start + offset..<start + offset + 1)
        }
        return canvas
    }

    private static func captions(_ image: WatchedImage, width: Int, at time: Double) -> [[Panel.Part]] {
        let body = image.body
        // The row of marks is there without marks too, so that the image keeps its size.
        var lines = [image.marks.map { Panel.Part($0, Style(.doubt, bold: true, reversed: true)) }]
        if let fault = image.fault { lines.append([Panel.Part("the image \(fault)", Style(.alarm, bold: true))]) }
        var names = [Panel.Part("trial \(body.trial)", Style(bold: true))]
        if let type = body.trialType { names.append(Panel.Part(type)) }
        if let file = body.stimulusFile { names.append(Panel.Part(Format.fileName(file))) }
        lines.append(names)
        var numbers = [Panel.Part("\(body.steps) of \(body.plannedSteps) steps")]
        if body.samples > 1 { numbers.append(Panel.Part("sample \(body.sample + 1) of \(body.samples)")) }
        if let agreement = body.agreement { numbers.append(Panel.Part("agreement \(Format.number(agreement, 2))")) }
        let times = [
            Panel.Part("took \(Format.age(body.age))"),
            Panel.Part("\(Format.age(time - image.receivedAt)) ago", .faint),
        ]
        return lines + (width < 50 ? [numbers, times] : [numbers + times])
    }
}
