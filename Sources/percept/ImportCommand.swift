import ArgumentParser
import Decoder
import Foundation

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a decoder bundle from public PyTorch checkpoints.",
        discussion: """
            Either from a fine-tuned checkpoint alone, or from an fMRI encoder and a label-to-image model. Of the \
            latter pair the parts in between are untrained, so that the bundle must be fine-tuned before it decodes \
            anything. All sizes are read off the weights.
            """
    )

    @Option(help: ArgumentHelp("A fine-tuned checkpoint.", valueName: "file"))
    var finetuned: String?

    @Option(help: ArgumentHelp("A checkpoint of either phase of fMRI pre-training.", valueName: "file"))
    var encoder: String?

    @Option(help: ArgumentHelp("A label-to-image checkpoint (cin256-v2).", valueName: "file"))
    var labelToImage: String?

    @Option(help: ArgumentHelp("The bundle to write.", valueName: "name.percept"))
    var out: String

    @Flag(help: "Replace a bundle of that name.")
    var replace = false

    @Option(help: "Attention heads of the fMRI encoder, if the checkpoint does not tell; else 16 are assumed.")
    var heads: Int?

    @Option(help: "Height and width of the images, if the checkpoint does not tell; else 256 are assumed.")
    var imageSize: Int?

    @Option(help: "Voxels of the patterns to come; an encoder's position table is interpolated.")
    var voxels: Int?

    @Option(help: "Seed of the weights that an encoder and a label-to-image model leave open.")
    var seed: UInt64 = 0

    func validate() throws {
        let isPair = encoder != nil && labelToImage != nil
        guard (finetuned != nil) != isPair, (encoder != nil) == (labelToImage != nil) else {
            throw ValidationError("Give either --finetuned, or --encoder and --label-to-image.")
        }
        for (value, name) in [(heads, "--heads"), (imageSize, "--image-size"), (voxels, "--voxels")] {
            guard value ?? 1 >= 1 else { throw ValidationError("\(name) must be at least 1.") }
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let start = ContinuousClock.now
            let source = try makeImport()
            let folder = URL(fileURLWithPath: out)
            let manifest = try source.write(to: folder, replaces: replace, creator: Percept.creator)
            for note in manifest.provenance.notes { StandardError.write("percept: note: \(note)\n") }
            let seconds = String(format: "%.1f", start.duration(to: .now).seconds)
            print(BundleText.describe(manifest, path: out))
            print("  imported in \(seconds) s")
        }
    }

    private func makeImport() throws -> BundleImport {
        var options = BundleImport.Options()
        options.heads = heads
        options.imageSize = imageSize
        options.voxels = voxels
        options.seed = seed
        if let finetuned { return try BundleImport(fineTuned: finetuned, options: options) }
        guard let encoder, let labelToImage else { throw ValidationError("Give a checkpoint.") }
        return try BundleImport(encoder: encoder, labelToImage: labelToImage, options: options)
    }
}
