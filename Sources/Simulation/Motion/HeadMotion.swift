import Foundation
import Preprocessing
import Settings
import Tensors

/// Where the head is at each volume of a run.
public enum HeadMotion {
    /// The distance at which rotations are counted as displacements, in mm (Power and others 2012).
    private static let radius = 50.0

    /// The positions of a run relative to its first volume.
    ///
    /// - Parameters:
    ///   - settings: How the head moves.
    ///   - volumes: The number of volumes.
    ///   - seed: What tells the run from others.
    /// - Throws: ``SimulationError`` with `input` where a trace cannot be used.
    public static func positions(_ settings: MotionSettings, volumes: Int, seed: UInt64) throws -> [RigidMotion] {
        var trace = try settings.trace.map { try read($0, volumes: volumes) } ?? wandering(volumes, seed: seed)
        let mean =
            zip(trace.dropFirst(), trace).reduce(0) { $0 + displacement($1.0, $1.1) } / Double(max(1, volumes - 1))
        let scale = mean > 0 ? settings.framewiseDisplacement / mean : 0
        for index in trace.indices { trace[index] = trace[index].map { $0 * scale } }
        addJerks(to: &trace, settings, seed: seed)
        let first = trace.first ?? []
        return trace.map { zip($0, first).map { $0 - $1 } }.map { numbers in
            RigidMotion(
                translation: [numbers[0], numbers[1], numbers[2]],
                rotation: [numbers[3], numbers[4], numbers[5]]
            )
        }
    }

    /// Where the head lies at a visit, relative to the first.
    public static func visitPosition(_ settings: MotionSettings, visit: Int, participant: UInt64) -> RigidMotion {
        guard visit > 1 else { return .none }
        var random = RandomNumbers(seed: participant, purpose: "visit", index: UInt64(visit))
        func vector(_ scale: Double) -> SIMD3<Double> {
            let ((x, y), (z, _)) = (random.normalPair(), random.normalPair())
            return scale * SIMD3(Double(x), Double(y), Double(z))
        }
        return RigidMotion(
            translation: vector(settings.visitTranslation),
            rotation: vector(settings.visitRotation * .pi / 180)
        )
    }

    private static func displacement(_ a: [Double], _ b: [Double]) -> Double {
        (0..<6).reduce(0) { $0 + abs(a[$1] - b[$1]) * ($1 < 3 ? 1 : radius) }
    }

    /// A walk that is drawn back to where it began, mostly along y and z and about x, as heads on a pillow move.
    private static func wandering(_ volumes: Int, seed: UInt64) -> [[Double]] {
        var random = RandomNumbers(seed: seed, purpose: "motion")
        let sizes = [0.4, 0.8, 1.0, 0.02, 0.008, 0.008]
        var position = [Double](repeating: 0, count: 6)
        return (0..<volumes).map { _ in
            for axis in 0..<6 {
                position[axis] = 0.98 * position[axis] + sizes[axis] * Double(random.normalPair().0)
            }
            return position
        }
    }

    private static func addJerks(to trace: inout [[Double]], _ settings: MotionSettings, seed: UInt64) {
        for volume in trace.indices.dropFirst() {
            var random = RandomNumbers(seed: seed, purpose: "jerk", index: UInt64(volume))
            guard Double(random.uniform()) < settings.jerkRate else { continue }
            let step = (0..<6).map { axis in
                settings.jerkSize * (axis < 3 ? 1 : 0.02) * Double(random.normalPair().0) / 3.0.squareRoot()
            }
            for later in volume..<trace.count { trace[later] = zip(trace[later], step).map { $0 + $1 } }
        }
    }

    private static func read(_ path: String, volumes: Int) throws -> [[Double]] {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw SimulationError(.input, path, "cannot be read: \(error.localizedDescription)")
        }
        var rows: [[Double]] = []
        for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() where rows.count < volumes {
            let numbers = line.split { " \t,;".contains($0) }.map { Double($0) }
            // The first line may be a header.
            if number == 0, numbers.contains(nil) { continue }
            let known = numbers.compactMap { $0 }.filter(\.isFinite)
            guard numbers.count >= 6, known.count == numbers.count else {
                throw SimulationError(.input, path, "line \(number + 1) does not begin with six numbers")
            }
            rows.append(Array(known.prefix(6)))
        }
        guard rows.count >= volumes else {
            throw SimulationError(.input, path, "has \(rows.count) positions for a run of \(volumes) volumes")
        }
        return rows
    }
}
