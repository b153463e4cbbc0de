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
    /// Multistep consistency sampling, for distilled students.
    case consistency

    /// The sampler; η matters to DDIM alone, the seed to samplers that add noise.
    public func makeSampler(eta: Float = 0, seed: UInt64 = 0) -> any Sampler {
        switch self {
        case .ddim: eta > 0 ? DDIM(eta: eta, seed: seed) : DDIM()
        case .plms: PLMS()
        case .dpm: DPMSolverMultistep()
        case .unipc: UniPC()
        case .consistency: ConsistencySampler(seed: seed)
        }
    }

    /// The spacing that suits the sampler: the reference's for the reference's samplers.
    public var defaultSpacing: TimestepSpacing {
        switch self {
        case .ddim, .plms: .uniform
        case .dpm, .unipc: .logSNR
        case .consistency: .trailing
        }
    }
}
