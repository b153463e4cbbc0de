import ArgumentParser
import Decoder
import Foundation
import Images
import Tensors

struct DecodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Decode voxel patterns to images.",
        discussion: """
            Writes a PNG for every pattern and sample, and decode.json, which says what they were made of and how long \
            each stage took. The same bundle, patterns, options and seed give the same bytes.
            """
    )

    @Option(help: ArgumentHelp("The decoder.", valueName: "name.percept"))
    var bundle: String

    @Option(help: ArgumentHelp("An npz or npy file with patterns, [n, V] or [n, 1, V].", valueName: "file"))
    var patterns: String

    @Option(help: "The array of an npz file; not needed if it has only one.")
    var key: String?

    @Option(help: "The sampler: \(SamplerMethod.allCases.map(\.rawValue).joined(separator: ", ")). [bundle's]")
    var sampler: SamplerMethod?

    @Option(help: "Sampler steps, from 1 to 1000. [bundle's]")
    var steps: Int?

    @Option(help: "Which timesteps: \(TimestepSpacing.allCases.map(\.rawValue).joined(separator: ", ")). [sampler's]")
    var spacing: TimestepSpacing?

    @Option(help: "The noise that DDIM adds, from 0 to 1.")
    var eta: Float = 0

    @Option(help: "Seed of the start noise and of everything else random.")
    var seed: UInt64 = 0

    @Option(help: "Images per pattern.")
    var samples = 1

    @Option(help: "Threads; by default one per processor.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Also write the image expected so far after every so many steps.", valueName: "steps"))
    var previews: Int?

    @Option(help: ArgumentHelp("The folder to write to; made if needed.", valueName: "dir"))
    var out: String

    func validate() throws {
        guard (1...1000).contains(steps ?? 1) else { throw ValidationError("--steps must be from 1 to 1000.") }
        guard (1...10000).contains(samples) else { throw ValidationError("--samples must be from 1 to 10000.") }
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024.") }
        guard eta >= 0, eta <= 1 else { throw ValidationError("--eta must be from 0 to 1.") }
        guard eta == 0 || (sampler ?? .ddim) == .ddim else { throw ValidationError("--eta is for the sampler ddim.") }
        guard previews ?? 1 >= 1 else { throw ValidationError("--previews must be at least 1.") }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            try Engine.$current.withValue(Engine(threads: threads)) { try decode() }
        }
    }

    private func decode() throws {
        let opened = try DecoderBundle(opening: URL(fileURLWithPath: bundle))
        let manifest = opened.manifest
        let source = try PatternSource(path: patterns, key: key, voxels: manifest.voxels)
        let settings = DecodeSettings(
            method: sampler ?? manifest.sampler.method,
            steps: steps ?? manifest.sampler.steps,
            spacing: spacing,
            eta: eta,
            seed: seed,
            samples: samples,
            previewInterval: previews
        )
        guard settings.eta == 0 || settings.method == .ddim else {
            throw ValidationError("--eta is for the sampler ddim, not \(settings.method.rawValue).")
        }
        if manifest.provenance.needsFineTuning {
            StandardError.write("percept: warning: this bundle was never fine-tuned; its images mean nothing\n")
        }
        let folder = URL(fileURLWithPath: out)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(.cannotCreate, "\(out): the folder cannot be made: \(error.localizedDescription)")
        }
        let run = DecodeRun(decoder: try opened.makeDecoder(), settings: settings, folder: folder)
        let images = try run.decode(source)
        let record = DecodeRecord(bundle: opened, source: source, settings: settings, run: run, images: images)
        let file = folder.appendingPathComponent("decode.json")
        do {
            try Data(try InspectCommand.encode(record).utf8).write(to: file, options: .atomic)
        } catch {
            throw CommandFailure(.cannotCreate, "\(file.path): \(error.localizedDescription)")
        }
        keepPackedWeights(opened, run.decoder)
        print("\(images.count) images in \(out)")
    }

    /// Spares the next run the packing; a folder that cannot be written to is no reason to fail.
    private func keepPackedWeights(_ bundle: DecoderBundle, _ decoder: LatentDiffusion) {
        do {
            let bytes = try bundle.savePackedWeights(of: decoder)
            if bytes > 0 {
                StandardError.write("percept: note: kept \(bytes >> 20) MiB of packed weights in the bundle\n")
            }
        } catch {
            StandardError.write("percept: note: packed weights are not kept for the next run: \(error)\n")
        }
    }
}

extension SamplerMethod: ExpressibleByArgument {}
extension TimestepSpacing: ExpressibleByArgument {}
