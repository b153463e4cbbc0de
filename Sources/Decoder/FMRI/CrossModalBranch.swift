import Neural

/// The part of the fMRI encoder that attends to image features: z = MapIn(x), z ← z + Blocks(z), x = MapOut(z).
struct CrossModalBranch {
    private let blocks: [VisionTransformerLayer]
    private let mapIn: Linear
    private let mapOut: Linear

    /// Declares `cross_blocks.*`, `cross_map_in` and `cross_map_out`.
    init(_ scope: ParameterScope, width: Int, configuration: CrossAttentionConfiguration) {
        blocks = (0..<configuration.depth).map { index in
            VisionTransformerLayer(
                scope["cross_blocks"][index],
                width: configuration.width,
                heads: configuration.heads,
                hiddenWidth: configuration.hiddenWidth,
                attendsToContext: true,
                initializer: .xavierUniform
            )
        }
        mapIn = Linear(
            scope["cross_map_in"],
            inputs: width,
            outputs: configuration.width,
            initializer: .xavierUniform
        )
        mapOut = Linear(
            scope["cross_map_out"],
            inputs: configuration.width,
            outputs: width,
            initializer: .xavierUniform
        )
    }

    /// `x [B, N, D]`, `context [B, M, cross width]` → `[B, N, D]`.
    func callAsFunction(_ x: Variable, context: Variable) -> Variable {
        let entered = mapIn(x)
        var y = entered
        for block in blocks { y = block(y, context: context) }
        return mapOut(entered + y)
    }

    /// One block by itself, or nil where there is none of that number.
    func block(_ index: Int) -> VisionTransformerLayer? { blocks.indices.contains(index) ? blocks[index] : nil }
}
