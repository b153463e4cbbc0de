import Foundation
import Neuroimaging

/// The position of the head relative to a reference: three translations and three rotations.
///
/// The map `x → R·x + t` takes a point of the reference to where it is now, both in mm in RAS+, with
/// `R = R_x(pitch)·R_y(roll)·R_z(yaw)` as in SPM's `spm_matrix`.
public struct RigidMotion: Sendable, Equatable, Codable {
    /// The translation along x, y and z in mm.
    public var translation: SIMD3<Double>
    /// The rotations about x (pitch), y (roll) and z (yaw) in radians.
    public var rotation: SIMD3<Double>

    /// No motion.
    public static let none = RigidMotion(translation: .zero, rotation: .zero)

    /// Describes a position.
    public init(translation: SIMD3<Double>, rotation: SIMD3<Double>) {
        self.translation = translation
        self.rotation = rotation
    }

    /// Describes a position by its six `parameters`.
    init(parameters: [Double]) {
        precondition(parameters.count == 6, "a position has six parameters")
        translation = [parameters[0], parameters[1], parameters[2]]
        rotation = [parameters[3], parameters[4], parameters[5]]
    }

    /// Reads the position from a rigid map; exact where the roll is less than 90°.
    public init(_ affine: Affine) {
        let rows = affine.rows
        let roll = asin(max(-1, min(1, rows[0].z)))
        translation = affine.translation
        rotation = [atan2(-rows[1].z, rows[2].z), roll, atan2(-rows[0].y, rows[0].x)]
    }

    /// The map from points of the reference to points now.
    public var affine: Affine {
        let (a, b, c) = (rotation.x, rotation.y, rotation.z)
        let pitch = Affine(rows: [1, 0, 0, 0], [0, cos(a), -sin(a), 0], [0, sin(a), cos(a), 0])
        let roll = Affine(rows: [cos(b), 0, sin(b), 0], [0, 1, 0, 0], [-sin(b), 0, cos(b), 0])
        let yaw = Affine(rows: [cos(c), -sin(c), 0, 0], [sin(c), cos(c), 0, 0], [0, 0, 1, 0])
        var map = pitch * roll * yaw
        map.translation = translation
        return map
    }

    /// The six numbers in the order of SPM: translations in mm, then rotations in radians.
    public var parameters: [Double] {
        [translation.x, translation.y, translation.z, rotation.x, rotation.y, rotation.z]
    }

    /// The largest angle that the rotation turns any direction by, in radians.
    public var angle: Double {
        let map = affine
        return acos(max(-1, min(1, (map.columns.x.x + map.columns.y.y + map.columns.z.z - 1) / 2)))
    }
}
