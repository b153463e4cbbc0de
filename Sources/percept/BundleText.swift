import Decoder
import Foundation

/// A bundle in words.
enum BundleText {
    static func describe(_ manifest: BundleManifest, path: String) -> String {
        let bytes = manifest.files.values.reduce(0) { $0 + $1.bytes }
        var lines = ["\(path): decoder bundle, version \(manifest.version), \(bytes) bytes"]
        let networks = manifest.networks
        lines.append("  patterns: \(manifest.voxels) voxels; \(manifest.normalization)")
        lines.append("  images: \(networks.autoencoder.resolution) pixels")
        let parts: [RecognizedNetwork] =
            [.unet(networks.unet), .autoencoder(networks.autoencoder)]
            + (networks.conditioning.map { [.conditioning($0)] } ?? [])
        lines += parts.map { "  \($0.summary)" }
        lines.append("  sampler: \(manifest.sampler.method.rawValue), \(manifest.sampler.steps) steps")
        lines.append("  files: \(manifest.files.keys.sorted().joined(separator: ", "))")
        for source in manifest.provenance.sources {
            lines.append("  from \(source.name) (\(source.role), \(source.bytes) bytes, SHA-256 \(source.sha256))")
        }
        let date = manifest.provenance.createdAt.formatted(.iso8601)
        lines.append("  made \(date) by \(manifest.provenance.createdBy)")
        lines += manifest.provenance.notes.map { "  note: \($0)" }
        if manifest.provenance.needsFineTuning { lines.append("  NOT TRAINED FOR DECODING: fine-tune it before use") }
        return lines.joined(separator: "\n")
    }
}
