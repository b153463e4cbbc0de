import Decoder
import Foundation
import Neural
import Neuroimaging
import Preprocessing
import Tensors
import Weights

/// A decoder bundle of the published sizes with random weights: as slow as a trained one.
enum RandomBundle {
    /// Writes the bundle, some 2.5 GB, unless it is there already.
    static func write(to folder: URL) throws {
        guard !FileManager.default.fileExists(atPath: folder.path) else { return }
        let checkpoint = folder.appendingPathExtension("safetensors")
        defer { try? FileManager.default.removeItem(at: checkpoint) }
        let decoder = LatentDiffusion(
            LatentDiffusionConfiguration(conditioning: FMRIWorkload.configuration)
        )
        RandomWeights.fill(decoder.store)
        let outputs = decoder.store.parameters.map { parameter in
            Safetensors.Output(name: parameter.name, shape: parameter.shape) { (body) throws(WeightsError) in
                let tensor = parameter.transientValue
                try body(UnsafeBufferPointer(start: tensor.pointer, count: tensor.count))
            }
        }
        try Safetensors.write(outputs, metadata: ["num_heads": "16", "img_size": "256"], to: checkpoint.path)
        try BundleImport(fineTuned: checkpoint.path).write(to: folder, creator: "percept benchmark")
    }

    /// Writes the files of preprocessing for a region of a head.
    static func writePreprocessing(
        to folder: URL,
        _ configuration: ProcessingConfiguration,
        mask: Mask,
        reference: Volume
    ) throws {
        let settings = try JSONEncoder().encode(configuration)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try NIfTIWriter.write(
            mask.volume(of: [Float](repeating: 1, count: mask.count)),
            to: folder.appendingPathComponent("mask.nii.gz").path,
            dataType: .uint8
        )
        try NIfTIWriter.write(reference, to: folder.appendingPathComponent("reference.nii.gz").path)
        let configuration = String(decoding: settings, as: UTF8.self)
        let text = "{\"configuration\": \(configuration), \"order\": \"\(mask.order.rawValue)\"}"
        try Data(text.utf8).write(to: folder.appendingPathComponent("preprocessing.json"))
    }
}
