import Foundation
import Settings
import Testing

@testable import Simulation

@Suite("A simulated participant")
struct ParticipantTests {
    @Test("is the same person for the same seed, and another for another")
    func seeds() throws {
        let settings = try Example.settings()
        let image = Example.square(row: 4, column: 4)
        let (one, same) = (try Participant(settings), try Participant(settings))
        let other = try Participant(Example.settings("participant=2"))
        #expect(one.drive(image, category: "a") == same.drive(image, category: "a"))
        #expect(one.drive(image, category: "a") != other.drive(image, category: "a"))
    }

    @Test("has sites inside the brain, and sees each half of the field with the other hemisphere")
    func hemispheres() throws {
        let participant = try Participant(Example.settings())
        #expect(participant.sites.allSatisfy { HeadAnatomy.isBrain($0.position) })
        let early = participant.sites.filter { $0.area == .v1 }
        // Fields scatter around the midline; away from it the sides are strict.
        let lateral = early.filter { abs($0.receptiveField?.centre.x ?? 0) > 1 }
        #expect(lateral.count > early.count / 3)
        #expect(lateral.allSatisfy { ($0.receptiveField?.centre.x ?? 0) * $0.position.x < 0 })
    }

    @Test("has receptive fields that grow with eccentricity, and from V1 to V3")
    func sizes() throws {
        let participant = try Participant(Example.settings())
        func sizes(_ area: VisualArea, _ range: Range<Double>) -> Double {
            let fields = participant.sites.filter { $0.area == area }.compactMap(\.receptiveField)
                .filter { range.contains(($0.centre * $0.centre).sum().squareRoot()) }
            return fields.reduce(0) { $0 + $1.deviation } / Double(max(1, fields.count))
        }
        for area in [VisualArea.v1, .v2, .v3] { #expect(sizes(area, 0..<1.5) < sizes(area, 3..<8)) }
        #expect(sizes(.v1, 2..<6) < sizes(.v2, 2..<6))
        #expect(sizes(.v2, 2..<6) < sizes(.v3, 2..<6))
    }

    @Test("answers most where a thing is shown: the mean field of driven sites follows the square")
    func retinotopy() throws {
        let participant = try Participant(Example.settings("cortex.surfaceShare=0"))
        // A square in the upper right, then in the lower left; images are 8° wide.
        for (row, column, direction) in [(2, 22, SIMD2<Double>(1, 1)), (22, 2, SIMD2<Double>(-1, -1))] {
            let drive = participant.drive(Example.square(row: row, column: column), category: nil)
            var (sum, total) = (SIMD2<Double>.zero, 0.0)
            for (site, value) in zip(participant.sites, drive) where site.area == .v1 {
                guard let field = site.receptiveField else { continue }
                sum += value * value * field.centre
                total += value * value
            }
            let mean = sum / total * direction
            #expect(mean.x > 1 && mean.y > 1, "\(mean)")
        }
    }

    @Test("answers alike to an image and its negative, and more to the brighter one only with a share of luminance")
    func luminance() throws {
        let image = Example.square(row: 10, column: 10)
        let negative = GreyImage(height: image.height, width: image.width, pixels: image.pixels.map { 1 - $0 })
        for (share, isDifferent) in [(0.0, false), (0.4, true)] {
            let participant = try Participant(Example.settings("cortex.luminanceShare=\(share)"))
            let sums = [image, negative].map { image in
                zip(participant.sites, participant.drive(image, category: nil))
                    .reduce(0.0) { $0 + ($1.0.area == .v1 ? $1.1 : 0) }
            }
            // The square is bright, what surrounds it dark; in the negative the field is bright.
            #expect((sums[1] > 1.1 * sums[0]) == isDifferent, "\(sums)")
            #expect(isDifferent || abs(sums[1] / sums[0] - 1) < 1e-4, "\(sums)")
        }
    }

    @Test("does not answer to an even field in early areas")
    func evenField() throws {
        let participant = try Participant(Example.settings())
        let grey = GreyImage(height: 16, width: 16, pixels: [Float](repeating: 0.5, count: 256))
        let drive = participant.drive(grey, category: nil)
        for (site, value) in zip(participant.sites, drive) where site.area != .higher { #expect(value < 1e-3) }
    }

    @Test("sums compressively: a large stimulus drives V3 by less than its area says, and by less than V1")
    func compression() throws {
        let participant = try Participant(Example.settings())
        let (small, large) = (
            participant.drive(Example.square(row: 12, column: 12, side: 4), category: nil),
            participant.drive(Example.square(row: 4, column: 4, side: 24), category: nil)
        )
        func growth(_ area: VisualArea) -> Double {
            let indices = participant.sites.indices.filter { participant.sites[$0].area == area }
            return indices.reduce(0) { $0 + large[$1] } / indices.reduce(0) { $0 + small[$1] }
        }
        #expect(growth(.v1) > 1 && growth(.v3) > 1)
        #expect(growth(.v3) < growth(.v1))
    }

    @Test("tells categories apart in higher regions alone")
    func categories() throws {
        let participant = try Participant(Example.settings())
        let image = Example.square(row: 8, column: 8)
        let (a, b) = (participant.drive(image, category: "a"), participant.drive(image, category: "b"))
        for (index, site) in participant.sites.enumerated() where site.area != .higher { #expect(a[index] == b[index]) }
        let higher = participant.sites.indices.filter { participant.sites[$0].area == .higher }
        #expect(higher.contains { abs(a[$0] - b[$0]) > 0.2 })
    }
}
