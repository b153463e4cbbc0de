extension VQAutoencoderConfiguration {
    /// Works every size of a vector-quantising autoencoder out of the names and shapes of its state dict (without a
    /// prefix).
    ///
    /// - Parameter resolution: height and width of the image, which no shape tells.
    /// - Throws: ``BundleError`` if names are missing, ``TransformerConfigurationError`` if sizes do not fit.
    public init(inferredFrom shapes: StateShapes, resolution: Int = 256) throws {
        self.init()
        let first = try shapes.required("encoder.conv_in.weight", rank: 4)
        let book = try shapes.required("quantize.embedding.weight", rank: 2)
        let levels = shapes.count("encoder.down")
        self.resolution = resolution
        channels = first[0]
        imageChannels = first[1]
        residualBlocks = shapes.count("encoder.down.0.block")
        latentChannels = try shapes.required("decoder.conv_in.weight", rank: 4)[1]
        codes = book[0]
        codeChannels = book[1]
        guard levels > 0, residualBlocks > 0 else { throw shapes.failure("the autoencoder's encoder has no blocks") }
        channelMultipliers = try (0..<levels).map { level in
            guard shapes.count("encoder.down.\(level).block") == residualBlocks else {
                throw shapes.failure("the levels of the autoencoder have different numbers of residual blocks")
            }
            let width = try shapes.required("encoder.down.\(level).block.0.conv1.weight", rank: 4)[0]
            guard width % channels == 0 else {
                throw shapes.failure("\(width) channels are not a multiple of the autoencoder's \(channels)")
            }
            return width / channels
        }
        attentionResolutions = (0..<levels).filter { shapes.has(prefix: "encoder.down.\($0).attn.") }
            .map { resolution >> $0 }
        let output = try shapes.required("encoder.conv_out.weight", rank: 4)[0]
        guard output == latentChannels else {
            throw shapes.failure(
                "the encoder gives \(output) channels and the decoder takes \(latentChannels): this is not a "
                    + "vector-quantising autoencoder"
            )
        }
        try validate()
    }
}
