import Foundation
import Testing

@testable import Simulation

@Suite("Contrast energy")
struct ContrastEnergyTests {
    /// Stripes of a frequency in cycles per degree; the image is 8° wide.
    private func stripes(_ frequency: Double, angle: Double, phase: Double) -> GreyImage {
        let size = 64
        let pixels = (0..<size * size).map { index -> Float in
            let (x, y) = (Double(index % size) - 31.5, Double(index / size) - 31.5)
            let degrees = (x * cos(angle) + y * sin(angle)) * 8 / Double(size)
            return Float(0.5 + 0.4 * cos(2 * .pi * frequency * degrees + phase))
        }
        return GreyImage(height: size, width: size, pixels: pixels)
    }

    @Test("is largest in the channel of the stripes' orientation and frequency")
    func tuning() throws {
        let energy = ContrastEnergy(visualAngle: 8)
        for (index, channel) in energy.channels.enumerated() {
            let image = stripes(channel.frequency, angle: channel.orientation, phase: 0.3)
            let pooled = energy.maps(of: image).pooled(.zero, 0.8).dropLast(2)
            #expect(pooled.indices.max { pooled[$0] < pooled[$1] } == index)
        }
    }

    @Test("does not depend on the phase of the stripes")
    func phase() throws {
        let energy = ContrastEnergy(visualAngle: 8)
        let values = [0.0, 0.7, 1.6, 2.9].map { phase in
            energy.maps(of: stripes(1, angle: 0, phase: phase)).pooled(.zero, 0.8)[4]
        }
        let mean = values.reduce(0, +) / 4
        #expect(values.allSatisfy { abs($0 / mean - 1) < 0.05 }, "\(values)")
    }

    @Test("of stripes of amplitude a is a²/4 in their channel: the closed form")
    func amplitude() throws {
        let energy = ContrastEnergy(visualAngle: 8)
        // The coarsest stripes: finer ones lose some contrast when the image is resampled.
        let value = energy.maps(of: stripes(0.5, angle: 0, phase: 0)).pooled(.zero, 0.4)[0]
        #expect(abs(value - 0.04) < 0.002, "\(value)")
    }
}
