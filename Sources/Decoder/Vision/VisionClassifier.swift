import Foundation
import Neural
import Tensors

/// A vision transformer that classifies images, under torchvision's names.
public struct VisionClassifier {
    /// The sizes.
    public let configuration: VisionClassifierConfiguration
    private let classToken: Parameter
    private let patchWeight: Parameter
    private let patchBias: Parameter
    private let positions: Parameter
    private let layers: [VisionClassifierLayer]
    private let norm: LayerNorm
    private let head: Linear

    /// Declares the parameters under the names of torchvision's `VisionTransformer`.
    public init(_ configuration: VisionClassifierConfiguration, _ scope: ParameterScope) {
        self.configuration = configuration
        let (width, patchSize) = (configuration.width, configuration.patchSize)
        classToken = scope.parameter("class_token", [1, 1, width], .zeros)
        let deviation = 1 / Float(3 * patchSize * patchSize).squareRoot()
        patchWeight = scope["conv_proj"].parameter(
            "weight",
            [width, 3, patchSize, patchSize],
            .normal(deviation: deviation)
        )
        patchBias = scope["conv_proj"].parameter("bias", [width], .zeros)
        let encoder = scope["encoder"]
        positions = encoder.parameter(
            "pos_embedding",
            [1, configuration.patches + 1, width],
            .normal(deviation: 0.02)
        )
        layers = (0..<configuration.depth).map { index in
            VisionClassifierLayer(
                encoder["layers"]["encoder_layer_\(index)"],
                width: width,
                heads: configuration.heads,
                hiddenWidth: configuration.hiddenWidth
            )
        }
        norm = LayerNorm(encoder["ln"], width: width, epsilon: 1e-6)
        head = Linear(scope["heads"]["head"], inputs: width, outputs: configuration.classes, initializer: .zeros)
    }

    /// The name that this network uses for a name of a checkpoint: older files spell the perceptron's layers
    /// `mlp.linear_1` and `mlp.linear_2` instead of `mlp.0` and `mlp.3`.
    public static func currentName(of name: String) -> String {
        name.replacingOccurrences(of: ".mlp.linear_1.", with: ".mlp.0.")
            .replacingOccurrences(of: ".mlp.linear_2.", with: ".mlp.3.")
    }

    /// The scores of the classes for images `[B, H, W, 3]`, normalised: `[B, classes]`.
    public func callAsFunction(_ images: Tensor) -> Variable {
        let batch = images.shape[0]
        let patches = Variable(ImagePatches.channelsFirst(images, size: configuration.patchSize))
        let tokens = linear(patches, weights: [patchWeight], biases: [patchBias])
        let first = repeatToken(classToken.variable, batch: batch, count: 1)
        var x = concatenateTokens([first, tokens])
        x = addBroadcast(x, positions.variable.reshaped([x.shape[1], x.shape[2]]))
        for layer in layers { x = layer(x) }
        return head(norm(sliceTokens(x, 0..<1))).reshaped([batch, configuration.classes])
    }
}

/// A pre-normalised layer under torchvision's names.
struct VisionClassifierLayer {
    private let attentionNorm: LayerNorm
    private let inputWeight: Parameter
    private let inputBias: Parameter
    private let output: Linear
    private let perceptronNorm: LayerNorm
    private let expansion: Linear
    private let contraction: Linear
    private let heads: Int

    init(_ scope: ParameterScope, width: Int, heads: Int, hiddenWidth: Int) {
        attentionNorm = LayerNorm(scope["ln_1"], width: width, epsilon: 1e-6)
        let attention = scope["self_attention"]
        inputWeight = attention.parameter("in_proj_weight", [3 * width, width], .xavierUniform)
        inputBias = attention.parameter("in_proj_bias", [3 * width], .zeros)
        output = Linear(attention["out_proj"], inputs: width, outputs: width, initializer: .xavierUniform)
        perceptronNorm = LayerNorm(scope["ln_2"], width: width, epsilon: 1e-6)
        let perceptron = scope["mlp"]
        expansion = Linear(perceptron[0], inputs: width, outputs: hiddenWidth, initializer: .xavierUniform)
        contraction = Linear(perceptron[3], inputs: hiddenWidth, outputs: width, initializer: .xavierUniform)
        self.heads = heads
    }

    func callAsFunction(_ x: Variable) -> Variable {
        let joined = linear(attentionNorm(x), weights: [inputWeight], biases: [inputBias])
        let x = output(attention(qkv: joined, heads: heads), residual: x)
        return contraction(expansion(perceptronNorm(x), activation: .gelu), residual: x)
    }
}
