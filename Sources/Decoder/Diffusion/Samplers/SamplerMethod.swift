/// The samplers by name.
public enum SamplerMethod: String, Sendable, Codable, CaseIterable {
    /// Denoising diffusion implicit models.
    case ddim
    /// Pseudo linear multistep, the published choice.
    case plms
    /// DPM-Solver++(2M).
    case dpm
    /// UniPC of order 2.
    case unipc

    /// The sampler; η and the seed matter to DDIM alone.
    public func makeSampler(eta: Float = 0, seed: UInt64 = 0) -> any Sampler {
        switch self {
        case .ddim: eta > 0 ? DDIM(eta: eta, seed: seed) : DDIM()
        case .plms: PLMS()
        case .dpm: DPMSolverMultistep()
        case .unipc: UniPC()
        }
    }

    /// The spacing that suits the sampler: the reference's for the reference's samplers.
    public var defaultSpacing: TimestepSpacing {
        switch self {
        case .ddim, .plms: .uniform
        case .dpm, .unipc: .logSNR
        }
    }
}
