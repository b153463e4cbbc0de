import Decoder
import Neural
import Tensors

/// The networks of the second phase: features, reconstructions and losses in both directions.
public struct CrossModalParity: ParityGroup {
    /// The files of the group.
    public static let files = CrossModalFixture.files

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let fixture = try CrossModalFixture(folder)
        let file = fixture.archive.file
        var checks = ParityChecks()
        checks.attempt("\(file): joint loss") { try jointLoss(fixture, &$0) }
        checks.attempt("\(file): tables and targets") { try tables(fixture, &$0) }
        checks.attempt("\(file): single layers") { try layers(fixture, &$0) }
        return checks.all
    }

    private func jointLoss(_ fixture: CrossModalFixture, _ checks: inout ParityChecks) throws {
        let (archive, selections) = (fixture.archive, fixture.selections)
        try checks.compare(selections.fmriReconstruction, mask: "fmri_mask", in: archive)
        try checks.compare(
            selections.imageReconstruction,
            mask: "image_mask",
            restore: "image_ids_restore",
            in: archive
        )
        let result = fixture.differentiate()
        let plain = fixture.model.fmri.encode(fixture.patterns, selections.fmriReconstruction)
        for (name, value) in [
            ("image_support", result.imageSupport), ("fmri_encoder_cross", result.fmriLatent),
            ("fmri_encoder_plain", plain), ("fmri_pred", result.fmriPrediction), ("fmri_loss", result.fmriLoss),
            ("fmri_support", result.fmriSupport), ("image_logits", result.imagePrediction),
            ("image_loss", result.imageLoss), ("total_loss", result.total),
        ] {
            try checks.compare(value, with: name, in: archive)
        }
        for (name, store) in [
            ("grad_norm_fmri", fixture.model.fmriStore), ("grad_norm_image", fixture.model.imageStore),
        ] {
            try checks.compare(Double(gradientNorm(store.trainable)), with: name, in: archive)
        }
        let prediction = result.imagePrediction.detached
        if prediction.shape[1] > 1 {
            // The reference means to correlate prediction and target, but takes the first two predicted patches.
            let (first, second) = (sliceTokens(prediction, 0..<1), sliceTokens(prediction, 1..<2))
            let correlation = meanCorrelation(first.value, second.value)
            try checks.compare(correlation, with: "image_corr_reference_buggy", in: archive)
        }
    }

    private func tables(_ fixture: CrossModalFixture, _ checks: inout ParityChecks) throws {
        let (archive, configuration) = (fixture.archive, fixture.model.image.configuration)
        for (name, width) in [("pos2d", configuration.width), ("dec_pos2d", configuration.decoderWidth)] {
            try checks.compare(PositionTable.grid(side: configuration.side, width: width), with: name, in: archive)
        }
        try checks.compare(
            fixture.model.image.patches(of: fixture.images),
            with: "patchify_pixels",
            in: archive,
            .exact
        )
    }

    private func layers(_ fixture: CrossModalFixture, _ checks: inout ParityChecks) throws {
        let (archive, model) = (fixture.archive, fixture.model)
        let width = model.image.configuration.width
        let input = try archive.tensor("layer_in", [nil, nil, width])
        let context = try archive.tensor("layer_ctx", [input.shape[0], nil, width])
        if model.image.configuration.depth > 0 {
            try checks.compare(model.image.layer(0)(Variable(input)), with: "self_layer_out", in: archive)
        }
        if let cross = model.fmri.crossBlock(0) {
            let output = cross(Variable(input), context: Variable(context))
            try checks.compare(output, with: "cross_layer_out", in: archive)
        }
    }
}

/// The gradients of the joint loss of the second phase.
public struct CrossModalGradientParity: ParityGroup {
    /// The files of the group.
    public static let files = ["phase2/grads.npz"] + CrossModalFixture.files

    /// Makes the group.
    public init() {}

    /// Compares every array: `fmri/NAME` and `image/NAME`.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let fixture = try CrossModalFixture(folder)
        _ = fixture.differentiate()
        var checks = ParityChecks()
        checks.compareGradients(of: fixture.model.fmriStore, prefix: "fmri/", in: archive)
        checks.compareGradients(of: fixture.model.imageStore, prefix: "image/", in: archive)
        return checks.all
    }
}

/// A state dict under the names of the public image model: names and shapes must be exactly those of the network.
public struct VisionWeightsParity: ParityGroup {
    /// The files of the group.
    public static let files = ["phase2/hf_vit_mae_like.bin"]

    /// Makes the group.
    public init() {}

    /// Compares the names and shapes.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let file = Self.files[0]
        let weights = try folder.weights(file)
        let store = ParameterStore()
        let configuration = try VisionFixture.configuration(weights, file: file, folder.config.section("vit"))
        _ = VisionMaskedAutoencoder(configuration, store.root)
        try store.loadExactly(weights, file: file)
        return [ParityCheck("\(file): names and shapes", worstError: 0, tolerance: 0)]
    }
}
