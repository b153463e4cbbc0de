import Decoder
import Neural
import Tensors
import Weights

/// The vector-quantising autoencoder: encoding, quantisation, decoding, and the legacy form of its checkpoint.
public struct AutoencoderParity: ParityGroup {
    /// The files of the group.
    ///
    /// Where the weights are, the manifest says.
    public static let files = ["vq/io.npz"]
    private static let legacyFile = "vq/vq_legacy.pth"

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        guard let place = folder.vqWeights else {
            throw ParityError(.invalidManifest, "manifest.json", "vq_weights does not say where the weights are")
        }
        let all = try folder.weights(place.file, key: place.key)
        let weights = place.prefix.isEmpty ? all : all.slice(prefix: place.prefix)
        let store = ParameterStore()
        let configuration = try DiffusionFixture.autoencoder(folder.config.section("vq"))
        let autoencoder = VQAutoencoder(configuration, store.root)
        try store.loadExactly(weights, file: place.file) { $0.hasPrefix("loss.") ? nil : $0 }
        var checks = ParityChecks()
        checks.attempt("\(archive.file): encoded") { checks in
            let image = try archive.channelLast("image", channels: configuration.imageChannels)
            let encoded = autoencoder.encode(Variable(image)).value
            try checks.compareChannelFirst(encoded, with: "encoded", in: archive)
        }
        checks.attempt("\(archive.file): quantized") { try quantize(autoencoder, archive, &$0) }
        checks.attempt("\(archive.file): decoded") { checks in
            let latents = Variable(try archive.channelLast("encoded", channels: configuration.codeChannels))
            let decoded = autoencoder.decode(latents).value
            try checks.compareChannelFirst(decoded, with: "decoded", in: archive)
            try checks.compareBytes(decoded, with: "decoded_uint8", in: archive)
            let unquantized = autoencoder.decode(latents, quantizes: false).value
            try checks.compareChannelFirst(unquantized, with: "decoded_no_quant", in: archive)
        }
        if folder.has(Self.legacyFile) {
            checks.attempt(Self.legacyFile) { try compareLegacy(folder.weights(Self.legacyFile), weights, &$0) }
        }
        return checks.all
    }

    private func quantize(_ autoencoder: VQAutoencoder, _ archive: FixtureArchive, _ checks: inout ParityChecks) throws
    {
        let channels = autoencoder.configuration.codeChannels
        let latents = try archive.channelLast("encoded", channels: channels)
        let quantized = autoencoder.quantize(Variable(latents))
        try checks.compareChannelFirst(quantized.latents.value, with: "quantized", in: archive)
        try checks.compare(Double(quantized.loss.value.item), with: "quant_loss", in: archive)
        let recorded = try archive.array("indices").integers()
        guard recorded.count == quantized.indices.count,
            recorded.allSatisfy({ $0 >= 0 && $0 < autoencoder.configuration.codes })
        else {
            throw ParityError(.malformed, "\(archive.file): indices", "does not number a code for each position")
        }
        // Two codes may be equally near but for rounding; then either is right.
        let table = autoencoder.codebook.embedding.value
        let settled = zip(quantized.indices, recorded).enumerated().map { position, pair -> Int in
            func distance(_ code: Int) -> Double {
                (0..<channels).reduce(0.0) { total, channel in
                    let difference =
                        Double(latents.pointer[position * channels + channel])
                        - Double(table.pointer[code * channels + channel])
                    return total + difference * difference
                }
            }
            return abs(distance(pair.0) - distance(pair.1)) <= 1e-6 * (1 + distance(pair.1)) ? pair.1 : pair.0
        }
        try checks.compare(settled, with: "indices", in: archive)
    }

    private func compareLegacy(_ legacy: StateDictionary, _ weights: StateDictionary, _ checks: inout ParityChecks)
        throws
    {
        var worst = legacy.isEmpty ? Double.infinity : 0
        for name in legacy.names {
            guard let old = legacy[name]?.doubles(), let new = weights[name]?.doubles() else {
                throw ParityError(.malformed, Self.legacyFile, "\(name) is in only one of the checkpoints")
            }
            worst = max(worst, ParityTolerance.exact.worstError(old, new))
        }
        checks.add(ParityCheck(Self.legacyFile, worstError: worst, tolerance: ParityTolerance.exact.limit))
    }
}
