import Foundation

/// A pair of Gabor filters in quadrature, as one complex filter: with a round envelope it is a product of one for rows and
/// one for columns.
public struct SeparableGabor: Sendable {
    private struct Kernel {
        var real: [Float]
        var imaginary: [Float]
    }

    private let (rows, columns): (Kernel, Kernel)
    private let radius: Int

    /// A filter of about one octave: the envelope's deviation is half a wave.
    ///
    /// - Parameters:
    ///   - cyclesPerPixel: The spatial frequency, above 0 and at most 0.5.
    ///   - angle: The direction across the stripes in radians, from that of columns towards that of rows.
    public init(cyclesPerPixel: Double, angle: Double) {
        let sigma = 0.5 / cyclesPerPixel
        let radius = max(1, Int((3 * sigma).rounded(.up)))
        func kernel(_ frequency: Double) -> Kernel {
            let offsets = (-radius...radius).map(Double.init)
            let envelope = offsets.map { exp(-$0 * $0 / (2 * sigma * sigma)) }
            let sum = envelope.reduce(0, +)
            let phases = offsets.map { 2 * Double.pi * frequency * $0 }
            return Kernel(
                real: zip(envelope, phases).map { Float($0 * cos($1) / sum) },
                imaginary: zip(envelope, phases).map { Float($0 * sin($1) / sum) }
            )
        }
        self.radius = radius
        columns = kernel(cyclesPerPixel * cos(angle))
        rows = kernel(cyclesPerPixel * sin(angle))
    }

    /// The squared modulus of the filtered map, `size · size` values row by row; 0 goes on outside of it.
    public func energy(of map: [Float], size: Int) -> [Float] {
        var (real, imaginary) = ([Float](repeating: 0, count: size * size), [Float](repeating: 0, count: size * size))
        for row in 0..<size {
            for column in 0..<size {
                var (a, b): (Float, Float) = (0, 0)
                for tap in max(0, column - radius)...min(size - 1, column + radius) {
                    let value = map[row * size + tap]
                    a += value * columns.real[tap - column + radius]
                    b += value * columns.imaginary[tap - column + radius]
                }
                (real[row * size + column], imaginary[row * size + column]) = (a, b)
            }
        }
        var energy = [Float](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0..<size {
                var (a, b): (Float, Float) = (0, 0)
                for tap in max(0, row - radius)...min(size - 1, row + radius) {
                    let (re, im) = (real[tap * size + column], imaginary[tap * size + column])
                    let (u, v) = (rows.real[tap - row + radius], rows.imaginary[tap - row + radius])
                    a += re * u - im * v
                    b += re * v + im * u
                }
                energy[row * size + column] = a * a + b * b
            }
        }
        return energy
    }
}
