import Neural
import Tensors

/// The two autoencoders of the second phase, each reconstructing its modality with the help of the other's features.
public struct CrossModalModel {
    /// The autoencoder of patterns.
    public let fmri: MaskedAutoencoder
    /// The autoencoder of images.
    public let image: VisionMaskedAutoencoder
    /// The parameters of `fmri`.
    public let fmriStore: ParameterStore
    /// The parameters of `image`.
    public let imageStore: ParameterStore

    /// Declares both networks, each in a store of its own as their state dicts are separate.
    public init(
        fmri: MaskedAutoencoderConfiguration,
        image: VisionMaskedAutoencoderConfiguration,
        seed: UInt64 = 0
    ) {
        fmriStore = ParameterStore(seed: seed)
        imageStore = ParameterStore(seed: seed)
        self.fmri = MaskedAutoencoder(fmri, fmriStore.root)
        self.image = VisionMaskedAutoencoder(image, imageStore.root)
    }

    /// Selects what the second phase trains: of the fMRI network everything but the position tables; of the image
    /// network the cross-attention layers and the decoder.
    ///
    /// - Parameter trainsDecoderPositions: whether the decoder's position table of the image network is trained too, as
    ///   the reference does by accident.
    public func selectTrainable(trainsDecoderPositions: Bool = false) {
        let tables = fmri.positionTables.map(ObjectIdentifier.init)
        fmriStore.train { !tables.contains(ObjectIdentifier($0)) }
        let decoderPositions = image.decoderPositions
        imageStore.train { parameter in
            if parameter === decoderPositions { return trainsDecoderPositions }
            return ["vit.encoder.cross_map_in.", "vit.encoder.layer_cross.", "decoder."]
                .contains { parameter.name.hasPrefix($0) }
        }
    }

    /// The maskings of the four passes.
    public struct Selections: Sendable {
        /// All image patches, for the features that help the pattern.
        public let imageSupport: PatchSelection
        /// The visible patches of the pattern to reconstruct.
        public let fmriReconstruction: PatchSelection
        /// All patches of the pattern, for the features that help the image.
        public let fmriSupport: PatchSelection
        /// The visible patches of the image to reconstruct.
        public let imageReconstruction: PatchSelection

        /// Collects the maskings.
        public init(
            imageSupport: PatchSelection,
            fmriReconstruction: PatchSelection,
            fmriSupport: PatchSelection,
            imageReconstruction: PatchSelection
        ) {
            self.imageSupport = imageSupport
            self.fmriReconstruction = fmriReconstruction
            self.fmriSupport = fmriSupport
            self.imageReconstruction = imageReconstruction
        }
    }

    /// Draws the maskings of a batch; what supports the other modality is seen whole.
    public func selections(
        batch: Int,
        fmri: PatchMasking,
        image: PatchMasking,
        random: inout RandomNumbers
    ) -> Selections {
        let everything = PatchMasking(ratio: 0)
        let (pattern, picture) = (self.fmri.configuration, self.image.configuration)
        func draw(_ masking: PatchMasking, _ patches: Int, _ patchSize: Int) -> PatchSelection {
            masking.selection(batch: batch, patches: patches, patchSize: patchSize, random: &random)
        }
        return Selections(
            imageSupport: draw(everything, picture.patches, picture.patchSize),
            fmriReconstruction: draw(fmri, pattern.patches, pattern.patchSize),
            fmriSupport: draw(everything, pattern.patches, pattern.patchSize),
            imageReconstruction: draw(image, picture.patches, picture.patchSize)
        )
    }

    /// The weights of the joint loss.
    public struct Weights: Sendable, Hashable, Codable {
        /// γ_F, of the pattern's reconstruction.
        public var fmri: Float
        /// γ_I, of the image's reconstruction.
        public var image: Float

        /// Makes weights.
        public init(fmri: Float = 1, image: Float = 1) {
            self.fmri = fmri
            self.image = image
        }

        /// The weights of the published models.
        public static let published = Weights(fmri: 0.25, image: 1.5)
    }

    /// What the four passes give.
    public struct Result {
        /// The image features, `[B, 1 + patches, width]`, in shuffled order.
        public let imageSupport: Variable
        /// The pattern's latent with image features, `[B, 1 + K, D]`.
        public let fmriLatent: Variable
        /// The predicted pattern, `[B, L, P]`.
        public let fmriPrediction: Variable
        /// Its reconstruction loss.
        public let fmriLoss: Variable
        /// The fMRI features, `[B, 1 + L, D]`, in shuffled order.
        public let fmriSupport: Variable
        /// The predicted image patches, `[B, patches, P·P·3]`.
        public let imagePrediction: Variable
        /// Their reconstruction loss.
        public let imageLoss: Variable
        /// γ_F·fmriLoss + γ_I·imageLoss.
        public let total: Variable
    }

    /// The joint loss of patterns `[B, 1, V]` and images `[B, H, W, 3]`.
    ///
    /// The fMRI features are not detached: the image's loss trains the fMRI encoder.
    public func callAsFunction(
        patterns: Tensor,
        images: Tensor,
        _ selections: Selections,
        weights: Weights = Weights()
    ) -> Result {
        let imageSupport = image.encode(images, selections.imageSupport)
        let fmriLatent = fmri.encode(patterns, selections.fmriReconstruction, imageFeatures: imageSupport)
        let fmriPrediction = fmri.decode(fmriLatent, selections.fmriReconstruction)
        let fmriLoss = fmri.reconstructionLoss(fmriPrediction, of: patterns, selections.fmriReconstruction)
        let fmriSupport = fmri.encode(patterns, selections.fmriSupport)
        let imageLatent = image.encode(images, selections.imageReconstruction, fmriFeatures: fmriSupport)
        let imagePrediction = image.decode(imageLatent, selections.imageReconstruction)
        let imageLoss = image.reconstructionLoss(imagePrediction, of: images, selections.imageReconstruction)
        return Result(
            imageSupport: imageSupport,
            fmriLatent: fmriLatent,
            fmriPrediction: fmriPrediction,
            fmriLoss: fmriLoss,
            fmriSupport: fmriSupport,
            imagePrediction: imagePrediction,
            imageLoss: imageLoss,
            total: weights.fmri * fmriLoss + weights.image * imageLoss
        )
    }
}
