import Decoder
import Neural
import Tensors

/// The image classifier of the n-way metric.
public struct VisionClassifierParity: ParityGroup {
    /// The files of the group.
    public static let files = ["metrics/vit_classifier_io.npz", "metrics/vit_classifier.pth"]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        let file = Self.files[1]
        let weights = try folder.weights(file)
        let sizes = FixtureConfiguration(folder.files[file]?["config"] ?? .null, path: "groups.\(file).config")
        let configuration = try VisionClassifierConfiguration(
            inferredFrom: StateShapes(weights, source: file),
            heads: sizes.int("num_heads")
        )
        let store = ParameterStore()
        let classifier = VisionClassifier(configuration, store.root)
        try store.loadExactly(weights, file: file, rename: VisionClassifier.currentName)
        let size = configuration.imageSize
        let scores = classifier(nchwToNHWC(try archive.tensor("input", [nil, 3, size, size])))
        var checks = ParityChecks()
        try checks.compare(scores, with: "logits", in: archive)
        try checks.compare(softmax(scores), with: "softmax", in: archive)
        return checks.all
    }
}
