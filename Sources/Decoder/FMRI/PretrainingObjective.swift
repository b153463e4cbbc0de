import Neural
import Tensors

/// The objective of the first phase: reconstruction of hidden patches and contrast between reconstructed patterns.
///
/// total = reconstruction·L_mask + contrast·(self·L_self + cross·L_cross), where L_self contrasts the reconstruction
/// with the pattern itself and L_cross two reconstructions from independent maskings.
public struct PretrainingObjective: Sendable, Hashable, Codable {
    /// Which vectors are the negatives of the self-contrast.
    public enum Negatives: String, Sendable, Hashable, Codable {
        /// The other patterns of the batch.
        case unpaired
        /// The other reconstructions of the batch.
        case paired
    }

    /// Whether the reconstruction loss is part of the sum.
    public var includesReconstruction: Bool
    /// The weight of the reconstruction loss.
    public var reconstructionWeight: Float
    /// The weight of both contrastive losses together.
    public var contrastWeight: Float
    /// The weight of the self-contrast.
    public var selfWeight: Float
    /// The weight of the cross-contrast.
    public var crossWeight: Float
    /// Whether the second reconstruction takes part in the self-contrast too.
    public var contrastsSecondPass: Bool
    /// The negatives of the self-contrast.
    public var negatives: Negatives
    /// The temperature of both contrasts.
    public var temperature: Float

    /// Makes an objective; the defaults are those of ``Preset/standard``.
    public init(
        includesReconstruction: Bool = true,
        reconstructionWeight: Float = 1,
        contrastWeight: Float = 0.5,
        selfWeight: Float = 0.5,
        crossWeight: Float = 0.5,
        contrastsSecondPass: Bool = false,
        negatives: Negatives = .unpaired,
        temperature: Float = 0.1
    ) {
        self.includesReconstruction = includesReconstruction
        self.reconstructionWeight = reconstructionWeight
        self.contrastWeight = contrastWeight
        self.selfWeight = selfWeight
        self.crossWeight = crossWeight
        self.contrastsSecondPass = contrastsSecondPass
        self.negatives = negatives
        self.temperature = temperature
    }

    /// Objectives with a name.
    public enum Preset: String, Sendable, CaseIterable {
        /// Reconstruction and contrast at the weights that the published code computes with: for training from scratch,
        /// because cosines leave the scale of the output free.
        case standard
        /// What the published command computes: contrast alone, 0.25 self and 0.25 cross.
        case referenceEffective = "reference-effective"
        /// What the published command asks for: contrast alone, self 1 and cross 0.5.
        case referenceRequested = "reference-requested"
        /// What the paper describes: contrast alone, both reconstructions in the self-contrast.
        case paper

        /// The weights.
        public var objective: PretrainingObjective {
            switch self {
            case .standard: PretrainingObjective()
            case .referenceEffective: PretrainingObjective(includesReconstruction: false)
            case .referenceRequested:
                PretrainingObjective(includesReconstruction: false, contrastWeight: 1, selfWeight: 1)
            case .paper:
                PretrainingObjective(
                    includesReconstruction: false,
                    contrastWeight: 1,
                    selfWeight: 1,
                    contrastsSecondPass: true
                )
            }
        }
    }

    /// Whether a second, independently masked pass takes part.
    public var needsSecondPass: Bool { crossWeight != 0 || contrastsSecondPass }

    /// The parts of the objective.
    public struct Loss {
        /// The weighted sum, to be differentiated.
        public let total: Variable
        /// The reconstruction loss of the first pass, part of the sum or not.
        public let reconstruction: Variable
        /// The weighted sum of the contrastive losses, before the weight of both.
        public let contrast: Variable
        /// The prediction of the first pass, `[B, L, P]`.
        public let prediction: Variable
        /// The prediction of the second pass.
        public let secondPrediction: Variable?
    }

    /// Evaluates the objective on patterns `[B, 1, V]`.
    ///
    /// Both passes run as one batch, so that each weight is read, and its gradient gathered, once.
    /// - Parameters:
    ///   - first: the masking of the first pass.
    ///   - second: the masking of the second pass; needed if ``needsSecondPass``, and it must keep as many patches.
    public func loss(
        _ model: MaskedAutoencoder,
        _ patterns: Tensor,
        _ first: PatchSelection,
        _ second: PatchSelection? = nil
    ) -> Loss {
        precondition(!needsSecondPass || second != nil, "This objective needs a second masking.")
        let batch = patterns.shape[0]
        guard needsSecondPass, let second else {
            let prediction = model.decode(model.encode(patterns, first), first)
            return combined(model, patterns, first, prediction, nil)
        }
        let both = first.appending(second)
        let doubled = stackItems([Variable(patterns), Variable(patterns)]).value
        let predictions = model.decode(model.encode(doubled, both), both)
        return combined(
            model,
            patterns,
            first,
            sliceItems(predictions, 0..<batch),
            sliceItems(predictions, batch..<2 * batch)
        )
    }

    /// The self-contrast of reconstructions `[B, V]` with patterns `[B, V]`.
    public func selfContrast(_ reconstructions: Variable, _ patterns: Variable) -> Variable {
        let contrast = InfoNCE(temperature: temperature)
        switch negatives {
        case .unpaired: return contrast(reconstructions, patterns)
        case .paired: return contrast.amongQueries(reconstructions, patterns)
        }
    }

    private func combined(
        _ model: MaskedAutoencoder,
        _ patterns: Tensor,
        _ selection: PatchSelection,
        _ prediction: Variable,
        _ secondPrediction: Variable?
    ) -> Loss {
        let flat = [patterns.shape[0], model.configuration.voxels]
        let signal = Variable(patterns.reshaped(flat))
        let reconstructed = prediction.reshaped(flat)
        let reconstruction = model.reconstructionLoss(prediction, of: patterns, selection)
        var contrast = selfWeight * selfContrast(reconstructed, signal)
        if let second = secondPrediction?.reshaped(flat) {
            contrast = contrast + crossWeight * InfoNCE(temperature: temperature)(reconstructed, second)
            if contrastsSecondPass { contrast = contrast + selfWeight * selfContrast(second, signal) }
        }
        var total = contrastWeight * contrast
        if includesReconstruction { total = total + reconstructionWeight * reconstruction }
        return Loss(
            total: total,
            reconstruction: reconstruction,
            contrast: contrast,
            prediction: prediction,
            secondPrediction: secondPrediction
        )
    }
}
