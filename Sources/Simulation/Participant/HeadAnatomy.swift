import Foundation
import Tensors

/// How bright a head is in an echo-planar image, as a function of position.
///
/// Brain, ventricles, skull and scalp are ellipsoids with soft borders; folds of the cortex are sums of waves. It is a
/// formula, not an image, so that a moved head is exact: nothing is interpolated.
struct HeadAnatomy: Sendable {
    /// The half axes of the brain in mm.
    static let brain = SIMD3<Double>(68, 86, 62)
    /// The half axes of the head in mm.
    static let head = SIMD3<Double>(79, 97, 76)
    /// How bright grey matter is.
    static let greyMatter = 900.0

    private struct Wave {
        var direction: SIMD3<Double>
        var phase: Double
        var amplitude: Double
    }

    private var waves: [Wave] = []

    /// Draws the folds of a participant.
    init(participant: UInt64) {
        var random = RandomNumbers(seed: participant, purpose: "anatomy")
        for length in [44.0, 36, 30, 25, 21, 18] {
            let (x, y) = random.normalPair()
            let (z, _) = random.normalPair()
            let direction = SIMD3<Double>(Double(x), Double(y), Double(z))
            let scale = 2 * Double.pi / length / max(1e-6, (direction * direction).sum().squareRoot())
            waves.append(
                Wave(
                    direction: direction * scale,
                    phase: 2 * .pi * Double(random.uniform()),
                    amplitude: length / 44
                )
            )
        }
    }

    /// The intensity at a point of the head, in mm from the middle of the brain in RAS+.
    func intensity(at point: SIMD3<Double>) -> Double {
        let outer = point / Self.head
        let outerRadius = (outer * outer).sum().squareRoot()
        guard outerRadius < 1.15 else { return 0 }
        var fold = 0.0
        for wave in waves { fold += wave.amplitude * sin((wave.direction * point).sum() + wave.phase) }
        let inner = point / Self.brain
        let radius = (inner * inner).sum().squareRoot()
        // Radii are relative to half axes of some 70 mm: 0.02 are about 1.5 mm.
        let scalp = Self.inside(outerRadius, 1, width: 0.016)
        let skull = Self.inside(radius, 1.06, width: 0.018)
        let brain = Self.inside(radius, 1 + 0.012 * fold, width: 0.018)
        let white = Self.inside(radius, 0.82 + 0.06 * fold, width: 0.03)
        let shifted = SIMD3<Double>(abs(point.x) - 12, point.y + 4, point.z - 6) / SIMD3<Double>(7, 26, 9)
        let ventricle = Self.inside((shifted * shifted).sum().squareRoot(), 1, width: 0.15)
        var intensity = 450 * (scalp - skull) + 120 * (skull - brain)
        intensity += brain * (Self.greyMatter - 170 * white + 18 * fold)
        return intensity + 420 * ventricle * brain
    }

    /// Whether a point is in the brain.
    static func isBrain(_ point: SIMD3<Double>) -> Bool {
        let inner = point / brain
        return (inner * inner).sum() < 0.94 * 0.94
    }

    /// 1 inside a border, 0 outside.
    private static func inside(_ radius: Double, _ border: Double, width: Double) -> Double {
        let distance = (border - radius) / width
        if distance > 20 { return 1 }
        if distance < -20 { return 0 }
        return 1 / (1 + exp(-distance))
    }
}
