/// How a trained decoder samples unless it is told otherwise; nothing is trained by it.
public struct SamplerRecipe: Sendable, Equatable {
    /// The sampler: `ddim`, `plms`, `dpm` or `unipc`.
    public var method = "plms"
    /// Its steps.
    public var steps = 250

    static var fields: [SettingsField<Self>] {
        [
            .value("method", \.method, .choice(["ddim", "plms", "dpm", "unipc"])),
            .value("steps", \.steps, .integer(1...1000)),
        ]
    }
}
