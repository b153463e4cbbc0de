import Foundation
import Preprocessing
import Testing

@Suite("Confound regressors")
struct RegressionConfoundTests {
    @Test("of drift are SPM's cosines: as many as the cutoff asks for, orthonormal beside the constant")
    func cosines() throws {
        let basis = try DriftBasis(model: .cosine(cutoff: 100), volumes: 120, repetitionTime: 1.5)
        #expect(basis.count == 4)  // ⌊2·120·1.5/100⌋ = 3, and the constant.
        #expect(basis.names == ["constant", "drift1", "drift2", "drift3"])
        let rows = try (0..<120).map { try basis.row(volume: $0) }
        for i in 0..<4 {
            for j in 0..<4 {
                let product = dot(rows.map { $0[i] }, rows.map { $0[j] })
                #expect(abs(product - (i == j ? (i == 0 ? 120 : 1) : 0)) < 1e-12)
            }
        }
        // √(2/120)·cos(π·15·2/240) at volume 7, by hand.
        #expect(abs(rows[7][2] - 0.129099444873580563 * 0.923879532511286756) < 1e-15)
    }

    @Test("of drift are Legendre's polynomials: 1, x, (3x² − 1)/2, (5x³ − 3x)/2")
    func polynomials() throws {
        let basis = try DriftBasis(model: .polynomial(order: 3), volumes: 5, repetitionTime: 2)
        #expect(try basis.row(volume: 0) == [1, -1, 1, -1])
        #expect(try basis.row(volume: 1) == [1, -0.5, -0.125, 0.4375])
        #expect(try basis.row(volume: 4) == [1, 1, 1, 1])
        #expect(try DriftBasis(model: .polynomial(order: 0), volumes: 1, repetitionTime: 2).row(volume: 0) == [1])
    }

    @Test("of drift end with the planned run, except the constant")
    func end() throws {
        for model in [DriftModel.cosine(cutoff: 60), .polynomial(order: 2)] {
            let basis = try DriftBasis(model: model, volumes: 50, repetitionTime: 2)
            #expect(throws: PreprocessingError.self) { try basis.row(volume: 50) }
            #expect(throws: PreprocessingError.self) { try basis.row(volume: -1) }
        }
        #expect(try DriftBasis(model: .constant, volumes: 50, repetitionTime: 2).row(volume: 99) == [1])
    }

    @Test("of motion are the position, the position before and the squares")
    func motion() {
        let first = RigidMotion(translation: [1, 2, 3], rotation: [0.5, 0.25, 0.125])
        let second = RigidMotion(translation: [-1, 0, 4], rotation: [0, 0.5, 2])
        var regressors = MotionRegressors(model: .twentyFour)
        let zeros = [Double](repeating: 0, count: 6)
        #expect(
            regressors.row(first) == first.parameters + zeros + [1, 4, 9, 0.25, 0.0625, 0.015625] + zeros
        )
        #expect(
            regressors.row(second) == second.parameters + first.parameters + [1, 0, 16, 0, 0.25, 4]
                + [1, 4, 9, 0.25, 0.0625, 0.015625]
        )
        #expect(regressors.names.count == 24)
        var six = MotionRegressors(model: .six)
        #expect(six.row(second) == second.parameters)
    }

    @Test("are composed in order, survive a restart and JSON")
    func composition() throws {
        let configuration = ConfoundConfiguration(
            drift: .polynomial(order: 1),
            motion: .twentyFour,
            planned: [ConfoundColumn(name: "pulse", values: [0, 1, 0])],
            measured: ["breathing"]
        )
        let copy = try JSONDecoder().decode(
            ConfoundConfiguration.self,
            from: JSONEncoder().encode(configuration)
        )
        #expect(copy == configuration)
        var model = try ConfoundModel(configuration: copy, volumes: 3, repetitionTime: 2)
        let motion = RigidMotion(translation: [1, 2, 3], rotation: .zero)
        let first = try model.row(volume: 0, motion: motion, measured: [7])
        #expect(first.count == 28 && model.count == 28 && model.names.count == 28)
        #expect(Array(first[..<5]) == [1, -1, 1, 2, 3] && Array(first[26...]) == [0, 7])
        var writer = StateWriter()
        model.save(to: &writer)
        var restored = try ConfoundModel(configuration: copy, volumes: 3, repetitionTime: 2)
        var reader = StateReader(writer.bytes)
        try restored.restore(from: &reader)
        #expect(throws: PreprocessingError.self) { try restored.row(volume: 0, measured: [1]) }
        let next = try restored.row(volume: 1, measured: [8])
        #expect(try next == model.row(volume: 1, measured: [8]))
        #expect(Array(next[8..<14]) == motion.parameters && Array(next[26...]) == [1, 8])
    }

    @Test("refuse settings and values that do not fit")
    func errors() throws {
        for model in [
            DriftModel.polynomial(order: -1), .polynomial(order: 21), .cosine(cutoff: 0), .cosine(cutoff: .nan),
            .cosine(cutoff: 0.001),
        ] {
            #expect(throws: PreprocessingError.self) {
                try DriftBasis(model: model, volumes: 100, repetitionTime: 2)
            }
        }
        #expect(throws: PreprocessingError.self) { try DriftBasis(model: .constant, volumes: 0, repetitionTime: 2) }
        #expect(throws: PreprocessingError.self) { try DriftBasis(model: .constant, volumes: 9, repetitionTime: 0) }
        for configuration in [
            ConfoundConfiguration(planned: [ConfoundColumn(name: "short", values: [1])]),
            ConfoundConfiguration(planned: [ConfoundColumn(name: "odd", values: [1, .infinity])]),
            ConfoundConfiguration(measured: ["tx"]),
        ] {
            #expect(throws: PreprocessingError.self) {
                try ConfoundModel(configuration: configuration, volumes: 2, repetitionTime: 1)
            }
        }
        var model = try ConfoundModel(
            configuration: ConfoundConfiguration(measured: ["a"]),
            volumes: 4,
            repetitionTime: 1
        )
        #expect(throws: PreprocessingError.self) { try model.row(volume: 0) }
        #expect(throws: PreprocessingError.self) { try model.row(volume: 0, measured: [.nan]) }
        #expect(throws: PreprocessingError.self) {
            try model.row(volume: 0, motion: RigidMotion(translation: [.nan, 0, 0], rotation: .zero), measured: [1])
        }
        #expect(throws: PreprocessingError.self) { try model.row(volume: 4, measured: [1]) }
    }
}
