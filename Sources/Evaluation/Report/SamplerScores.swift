/// What a sampler reaches with a number of steps, and how long it takes: a row of the comparison of samplers.
public struct SamplerScores: Sendable, Equatable, Codable {
    /// What the sampler is called, such as `unipc`, or `student` for a model that was distilled.
    public var sampler: String
    /// The steps per image.
    public var steps: Int
    /// Seconds per image: sampling and decoding, several images at a time.
    public var secondsPerImage: Double
    /// What the mean of all samples reaches.
    public var scores: [Score]

    /// Describes a row.
    public init(sampler: String, steps: Int, secondsPerImage: Double, scores: [Score]) {
        (self.sampler, self.steps, self.secondsPerImage, self.scores) = (sampler, steps, secondsPerImage, scores)
    }

    /// The score in a quantity.
    public subscript(quantity: Quantity) -> Score? { scores.first { $0.quantity == quantity } }

    /// How much of the value of another row this one reaches, less 1; nil where either has none.
    ///
    /// −0.03 is 3 % less.
    public func change(from reference: SamplerScores, in quantity: Quantity) -> Double? {
        guard let value = self[quantity]?.value, let whole = reference[quantity]?.value, whole != 0 else { return nil }
        return value / whole - 1
    }
}
