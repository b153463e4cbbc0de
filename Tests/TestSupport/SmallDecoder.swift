import Decoder
import Foundation
import Neuroimaging
import Tensors
import Weights

/// A small decoder with random weights.
public enum SmallDecoder {
    /// The voxels of its patterns.
    public static let voxels = 256

    /// Writes its bundle with the files of preprocessing of a scan.
    public static func write(to folder: URL, _ scan: SmallScan) throws {
        let checkpoint = folder.appendingPathExtension("safetensors")
        defer { try? FileManager.default.removeItem(at: checkpoint) }
        let outputs = makeDecoder().store.parameters.map { parameter in
            let tensor = parameter.value
            return Safetensors.Output(name: parameter.name, shape: tensor.shape) { (body) throws(WeightsError) in
                try body(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
            }
        }
        try Safetensors.write(
            outputs,
            metadata: ["num_heads": "2", "img_size": "16", "ddim_steps": "20"],
            to: checkpoint.path
        )
        try BundleImport(fineTuned: checkpoint.path).write(to: folder, creator: "a test")
        try writePreprocessing(to: folder, scan)
    }

    /// Writes the files of preprocessing of a scan.
    public static func writePreprocessing(to folder: URL, _ scan: SmallScan) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try NIfTIWriter.write(
            scan.mask.volume(of: [Float](repeating: 1, count: scan.mask.count)),
            to: folder.appendingPathComponent("mask.nii.gz").path,
            dataType: .uint8
        )
        try NIfTIWriter.write(scan.volumes[0].volume, to: folder.appendingPathComponent("reference.nii.gz").path)
        let configuration = try JSONEncoder().encode(scan.configuration)
        let text = "{\"configuration\": \(String(decoding: configuration, as: UTF8.self)), \"order\": \"anatomical\"}"
        try Data(text.utf8).write(to: folder.appendingPathComponent("preprocessing.json"))
    }

    /// The sizes of its UNet.
    public static var unet: UNetConfiguration {
        var unet = UNetConfiguration()
        unet.latentSize = 8
        unet.modelChannels = 32
        unet.channelMultipliers = [1, 2]
        unet.residualBlocks = 1
        unet.attentionResolutions = [2]
        unet.contextWidth = 16
        unet.timeConditioning = .tokens(6)
        return unet
    }

    /// The sizes of its autoencoder.
    public static var autoencoder: VQAutoencoderConfiguration {
        var autoencoder = VQAutoencoderConfiguration()
        autoencoder.channels = 32
        autoencoder.channelMultipliers = [1, 1]
        autoencoder.residualBlocks = 1
        autoencoder.resolution = 16
        autoencoder.codes = 32
        return autoencoder
    }

    /// The decoder, for patterns of its voxels or of others.
    public static func makeDecoder(voxels: Int = voxels) -> LatentDiffusion {
        let encoder = FMRIEncoderConfiguration(voxels: voxels, width: 32, depth: 1, heads: 2)
        let conditioning = FMRIConditioningConfiguration(encoder: encoder, tokens: 6, contextWidth: 16)
        return LatentDiffusion(
            LatentDiffusionConfiguration(unet: unet, autoencoder: autoencoder, conditioning: conditioning),
            seed: 9
        )
    }
}
