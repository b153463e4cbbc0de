import Foundation
import Neuroimaging
import Settings
import Tensors
import Testing

@testable import Simulation

/// What a simple decoder makes of simulated volumes: the truth sets what it can and cannot know.
@Suite("Decoding of simulated runs")
struct DecodabilityTests {
    private static let size = 16
    private static let (training, test) = (70, 20)

    /// Bars at random places, of random length.
    private static let stimuli: [SimulatedStimulus] = (0..<training + test).map { number in
        var random = RandomNumbers(seed: 4, purpose: "bars", index: UInt64(number))
        var pixels = [Float](repeating: 0, count: size * size)
        for _ in 0..<2 {
            let (row, column) = (random.integer(below: size - 4), random.integer(below: size - 4))
            let (height, width) = (2 + random.integer(below: 8), 2 + random.integer(below: 8))
            for y in row..<min(size, row + height) {
                for x in column..<min(size, column + width) { pixels[y * size + x] = 1 }
            }
        }
        let image = GreyImage(height: size, width: size, pixels: pixels)
        return SimulatedStimulus(name: "bars-\(number).png", image: image)
    }

    /// How often ridge regression from volumes to pixels tells the seen image from another one of the test.
    private func identification(_ overrides: [String]) throws -> Double {
        let base = try Example.settings("motion.framewiseDisplacement=0", "motion.jerkRate=0", "noise.drift=0")
        let settings = try SimulationSettings(
            yaml: "",
            file: "test",
            overrides: base.effective.filter { $0.value != "null" }.map { "\($0.key)=\($0.value)" }
                + ["stimuli.interval=9", "acquisition.repetitionTime=3"] + overrides
        )
        let run = try SimulatedRun(settings, stimuli: Self.stimuli)
        let areas = run.areas().voxels
        let region = areas.indices.filter { areas[$0] > 0 }
        let volumes = try run.positions.indices.map { try run.volume($0).volume.voxels }
        // The second volume that begins after the onset is measured around the peak.
        let patterns = run.events.map { event -> [Double] in
            let volume = volumes[Int((event.onset / 3).rounded(.up)) + 1]
            return region.map { Double(volume[$0]) }
        }
        let images = run.design.order.map { run.stimuli[$0].image.pixels.map(Double.init) }
        let predicted = RidgeRegression(patterns.prefix(Self.training), images.prefix(Self.training))
            .predict(patterns.suffix(Self.test))
        let seen = Array(images.suffix(Self.test))
        var hits = 0
        for item in seen.indices {
            for other in seen.indices where other != item {
                hits += correlation(predicted[item], seen[item]) > correlation(predicted[item], seen[other]) ? 1 : 0
            }
        }
        return Double(hits) / Double(Self.test * (Self.test - 1))
    }

    private func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
        var (ab, aa, bb) = (0.0, 1e-30, 1e-30)
        for (x, y) in zip(a, b) {
            ab += (x - meanA) * (y - meanB)
            aa += (x - meanA) * (x - meanA)
            bb += (y - meanB) * (y - meanB)
        }
        return ab / (aa * bb).squareRoot()
    }

    @Test("is nearly perfect without noise")
    func noiseless() throws {
        let found = try identification(["noise.temporalSignalToNoise=1000000", "cortex.signalChange=3"])
        #expect(found > 0.95)
    }

    @Test("is at chance without signal")
    func signalless() throws {
        // 20 items: the standard deviation of chance is about 0.06.
        #expect(abs(try identification(["cortex.signalChange=0"]) - 0.5) < 0.18)
    }

    @Test("gets better with the signal-to-noise ratio")
    func noise() throws {
        let found = try [15.0, 400].map {
            try identification(["noise.temporalSignalToNoise=\($0)", "cortex.signalChange=3"])
        }
        #expect(found[0] < found[1] && found[1] > 0.85, "\(found)")
    }
}

/// Ridge regression in its dual form.
private struct RidgeRegression {
    private let inputs: [[Double]]
    private let weights: [[Double]]
    private let (means, deviations, targetMeans): ([Double], [Double], [Double])

    init(_ inputs: ArraySlice<[Double]>, _ targets: ArraySlice<[Double]>) {
        let count = Double(inputs.count)
        let (first, firstTarget) = (inputs.first ?? [], targets.first ?? [])
        let means = first.indices.map { column in inputs.reduce(0) { $0 + $1[column] } / count }
        let deviations = first.indices.map { column in
            max(1e-9, (inputs.reduce(0) { $0 + pow($1[column] - means[column], 2) } / count).squareRoot())
        }
        let targetMeans = firstTarget.indices.map { column in targets.reduce(0) { $0 + $1[column] } / count }
        (self.means, self.deviations, self.targetMeans) = (means, deviations, targetMeans)
        let scaled = inputs.map { row in row.indices.map { (row[$0] - means[$0]) / deviations[$0] } }
        self.inputs = scaled
        var rows = scaled.indices.map { a in
            scaled.indices.map { b in
                zip(scaled[a], scaled[b]).reduce(0) { $0 + $1.0 * $1.1 } + (a == b ? 0.02 * Double(first.count) : 0)
            }
        }
        var right = targets.map { target in zip(target, targetMeans).map { $0 - $1 } }
        // Elimination without pivots: the matrix is positive definite.
        for pivot in rows.indices {
            for row in rows.indices where row > pivot {
                let factor = rows[row][pivot] / rows[pivot][pivot]
                for column in pivot..<rows.count { rows[row][column] -= factor * rows[pivot][column] }
                for column in right[row].indices { right[row][column] -= factor * right[pivot][column] }
            }
        }
        for row in rows.indices.reversed() {
            for later in row + 1..<rows.count {
                for column in right[row].indices { right[row][column] -= rows[row][later] * right[later][column] }
            }
            for column in right[row].indices { right[row][column] /= rows[row][row] }
        }
        weights = right
    }

    func predict(_ items: ArraySlice<[Double]>) -> [[Double]] {
        items.map { item in
            let scaled = item.indices.map { (item[$0] - means[$0]) / deviations[$0] }
            var result = targetMeans
            for (input, weight) in zip(inputs, weights) {
                let similarity = zip(input, scaled).reduce(0) { $0 + $1.0 * $1.1 }
                for column in result.indices { result[column] += similarity * weight[column] }
            }
            return result
        }
    }
}
