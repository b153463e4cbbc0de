import Foundation
import Images

/// The contrast of an image at each place of the visual field, by orientation and spatial frequency: the energy of
/// quadrature pairs of Gabor filters (Adelson & Bergen 1985), as in models of the early visual cortex (Kay and others,
/// Nature 452, 2008).
public struct ContrastEnergy: Sendable {
    /// A pair of filters.
    public struct Channel: Sendable {
        /// Cycles per degree.
        public let frequency: Double
        /// The direction across the stripes in radians.
        public let orientation: Double
    }

    /// The filters; two channels more are the brightness of surfaces, by which they differ from what surrounds the image,
    /// and the luminance.
    public let channels: [Channel]
    /// The width of the visual field in degrees, a quarter wider than images are.
    public let field: Double
    /// Pixels of the visual field along each side.
    static let size = 64
    /// What brightness is multiplied by to be as large as contrast energy is in natural images.
    static let surfaceScale = 0.25
    /// The same for luminance.
    static let luminanceScale = 0.1

    private let filters: [SeparableGabor]

    /// Prepares filters for images of a width in degrees.
    init(visualAngle: Double) {
        field = 1.25 * visualAngle
        let pixelsPerDegree = Double(Self.size) / field
        // Octaves from four waves across an image on.
        let lowest = 4 / visualAngle
        channels = [lowest, 2 * lowest, 4 * lowest].flatMap { frequency in
            (0..<4).map { Channel(frequency: frequency, orientation: Double($0) * .pi / 4) }
        }
        filters = channels.map { SeparableGabor(cyclesPerPixel: $0.frequency / pixelsPerDegree, angle: $0.orientation) }
    }

    /// The energy of an image that is shown in the middle of the field.
    func maps(of image: GreyImage) -> EnergyMaps {
        let size = Self.size
        let background = image.background
        let shown = Double(size) / 1.25
        let margin = (Double(size) - shown) / 2
        let longer = Double(max(image.height, image.width))
        var field = [Float](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0..<size {
                // Pixel centres of the field in those of the image, whose longer side fills the width.
                let y = (Double(row) + 0.5 - margin) / shown * longer - (longer - Double(image.height)) / 2 - 0.5
                let x = (Double(column) + 0.5 - margin) / shown * longer - (longer - Double(image.width)) / 2 - 0.5
                let isShown = y > -0.5 && x > -0.5 && y < Double(image.height) - 0.5 && x < Double(image.width) - 0.5
                field[row * size + column] = (isShown ? image.value(row: y, column: x) : background) - background
            }
        }
        var maps = filters.map { $0.energy(of: field, size: size) }
        maps.append(field.map { $0 * $0 })
        maps.append(field.map { ($0 + background) * ($0 + background) })
        return EnergyMaps(maps: maps, pixelsPerDegree: Double(size) / self.field)
    }
}

/// What filters find in an image.
struct EnergyMaps: Sendable {
    /// One map for each channel, row by row from the top.
    let maps: [[Float]]
    let pixelsPerDegree: Double

    /// The mean of each map under a Gaussian; position and deviation in degrees.
    func pooled(_ centre: SIMD2<Double>, _ deviation: Double) -> [Double] {
        let size = ContrastEnergy.size
        let middle = Double(size - 1) / 2
        let (x, y) = (middle + centre.x * pixelsPerDegree, middle - centre.y * pixelsPerDegree)
        let sigma = max(0.5, deviation * pixelsPerDegree)
        func weights(_ position: Double) -> (range: Range<Int>, values: [Float]) {
            let first = min(size, max(0, Int((position - 3 * sigma).rounded(.up))))
            let last = max(first, min(size, Int((position + 3 * sigma).rounded(.down)) + 1))
            return (
                first..<last,
                (first..<last).map { index in
                    let distance = (Double(index) - position) / sigma
                    return Float(exp(-distance * distance / 2) / (sigma * (2 * Double.pi).squareRoot()))
                }
            )
        }
        let (rows, columns) = (weights(y), weights(x))
        return maps.map { map in
            var sum: Float = 0
            for (row, weight) in zip(rows.range, rows.values) {
                var line: Float = 0
                for (index, column) in columns.range.enumerated() {
                    line += columns.values[index] * map[row * size + column]
                }
                sum += weight * line
            }
            return Double(sum)
        }
    }
}
