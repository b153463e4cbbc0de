/// The distillation of a student that needs few steps.
public struct DistillationRecipe: Sendable, Equatable {
    /// Whether a student is made.
    public var isTrained = false
    /// The timesteps of the teacher's trajectory from which the student jumps to its end.
    public var trajectory = 32
    /// The decay of the target network.
    public var targetDecay = 0.95
    /// How it is optimised.
    public var optimization = OptimizationRecipe()

    static var fields: [SettingsField<Self>] {
        [
            .value("train", \.isTrained, .flag),
            .value("trajectory", \.trajectory, .integer(4...1000)),
            .value("targetDecay", \.targetDecay, .number(0...1)),
            .section("optimization", \.optimization, OptimizationRecipe.fields),
        ]
    }
}
