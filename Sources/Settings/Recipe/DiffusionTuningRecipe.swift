/// The third phase: conditioning the latent diffusion model on patterns.
public struct DiffusionTuningRecipe: Sendable, Equatable {
    /// Which parameters are trained.
    public enum Selection: String, Sendable, CaseIterable {
        /// The conditioning, and the UNet's cross-attention, its norms and its time conditioning; each once.
        case conditioning
        /// The same as the reference's optimiser lists them, some twice.
        case reference
        /// The conditioning and the whole UNet.
        case everything
    }

    /// The tokens of the condition.
    public var tokens = 77
    /// Which parameters are trained.
    public var selection = Selection.conditioning
    /// The share of a batch that is crops of images, enlarged.
    public var cropShare = 0.5
    /// The largest weight of a timestep in the error of the finished latents.
    ///
    /// 0 takes the error of the predicted noise in its place, as published.
    public var latentWeightLimit = 0.0
    /// How it is optimised.
    public var optimization = OptimizationRecipe()

    static var fields: [SettingsField<Self>] {
        [
            .value("tokens", \.tokens, .integer(2...4096)),
            .value("selection", \.selection, .word),
            .value("cropShare", \.cropShare, .number(0...1)),
            .value("latentWeightLimit", \.latentWeightLimit, .number(0...1_000_000)),
            .section("optimization", \.optimization, OptimizationRecipe.fields),
        ]
    }
}
