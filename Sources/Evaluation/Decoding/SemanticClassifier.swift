import Decoder
import Foundation
import Images
import Neural
import Tensors
import Weights

/// The classifier of the n-way semantic accuracy: in publications torchvision's ViT-H/14 `IMAGENET1K_SWAG_E2E_V1`.
public struct SemanticClassifier {
    /// The file of the weights.
    public let path: String
    /// The sizes of the network.
    public let configuration: VisionClassifierConfiguration
    private let network: VisionClassifier

    /// Maps the weights of a vision transformer under torchvision's names.
    ///
    /// - Throws: `WeightsError` if the file cannot be read, `BundleError` if it holds no such network.
    public init(path: String) throws {
        let checkpoint = try Checkpoint(path: path)
        configuration = try VisionClassifierConfiguration(inferredFrom: checkpoint.shapes)
        let store = ParameterStore()
        network = VisionClassifier(configuration, store.root)
        let report = store.load(checkpoint.weights, rename: VisionClassifier.currentName)
        guard report.isExact else {
            throw BundleError(.unsuitableCheckpoint, path, "it is no classifier of this kind: \(report)")
        }
        self.path = path
    }

    /// The scores of the classes before the softmax, which does not change their order.
    ///
    /// The shorter side is resized to the network's size (bicubic, as Pillow does), then the middle is cut out.
    public func scores(_ image: Image8) -> [Float] {
        let size = configuration.imageSize
        let cropped = image.resized(shorterSide: size, filter: .bicubic).centreCropped(height: size, width: size)
        let pixels = ImageNetNormalization.normalized(cropped)
        return GradientRecording.disabled { network(pixels.reshaped([1] + pixels.shape)).value.elements }
    }

    /// For each item the expected top-1 accuracy among n classes, the class of the original being the one that it gets
    /// most probability for, and the mean over samples.
    ///
    /// - Parameters:
    ///   - samples: `[sample][item]`.
    ///   - targets: the classes of the originals, by ``target(of:)``.
    ///   - progress: called after every image.
    public func accuracies(
        _ samples: [[FloatImage]],
        targets: [Int],
        progress: () -> Void = {}
    ) -> [Quantity: [Double]] {
        let kinds = [(Quantity.semantic50, 50), (.semantic100, 100)].filter { $0.1 <= configuration.classes }
        var result: [Quantity: [Double]] = [:]
        for (item, target) in targets.enumerated() {
            let scores = samples.map { sample in
                let own = self.scores(sample[item].image8)
                progress()
                return own
            }
            for (quantity, ways) in kinds {
                let accuracy = NWayAccuracy(ways: ways)
                let total = scores.reduce(0) { $0 + accuracy.expectation(probabilities: $1, target: target) }
                result[quantity, default: []].append(total / Double(scores.count))
            }
        }
        return result
    }

    /// The class that an original is taken for.
    public func target(of original: Image8) -> Int {
        let scores = self.scores(original)
        return scores.indices.max { scores[$0] < scores[$1] } ?? 0
    }
}
