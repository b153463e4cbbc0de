import Neuroimaging
import Preprocessing
import Testing

@Suite("A rigid motion")
struct RigidMotionTests {
    @Test("is read back from its affine")
    func roundTrip() {
        let motion = RigidMotion(translation: [1, -2, 0.5], rotation: [0.02, -0.05, 0.1])
        let back = RigidMotion(motion.affine)
        #expect(zip(back.parameters, motion.parameters).allSatisfy { abs($0 - $1) < 1e-14 })
    }

    @Test("keeps lengths and handedness")
    func rigid() {
        let affine = RigidMotion(translation: [1, -2, 0.5], rotation: [0.3, -0.5, 0.8]).affine
        #expect(abs(affine.determinant - 1) < 1e-14)
        #expect(abs(length(affine.turned([1, 2, 3])) - length([1, 2, 3])) < 1e-14)
    }
}
