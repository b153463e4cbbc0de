import Decoder
import Settings
import Tensors

extension PatternStandardization {
    /// Takes the statistics of training patterns, as a recipe says.
    /// - Throws: `DatasetError` if they have no variation.
    public init(of patterns: ResponseMatrix, _ recipe: PatternRecipe) throws {
        let columns = patterns.columns
        let width = Self.width(columns, patchSize: recipe.patchSize)
        let moments = try patterns.usableMoments(of: "training patterns")
        switch recipe.standardization {
        case .none:
            self.init(
                rawVoxels: columns,
                selection: Array(0..<columns),
                mean: Array(repeating: 0, count: columns),
                deviation: Array(repeating: 1, count: columns),
                width: width
            )
        case .matrix:
            self.init(
                rawVoxels: columns,
                selection: Array(0..<columns),
                mean: Array(repeating: Float(moments.mean), count: columns),
                deviation: Array(repeating: Float(moments.deviation), count: columns),
                width: width
            )
        case .voxel:
            self.init(zScoring: Tensor(patterns), width: width)
        }
    }

    /// The smallest multiple of the patch that holds so many voxels.
    static func width(_ voxels: Int, patchSize: Int) -> Int { (voxels + patchSize - 1) / patchSize * patchSize }

    /// Patterns as the encoder sees them, row by row.
    /// - Throws: `DatasetError` if they have another number of voxels.
    public func apply(_ patterns: ResponseMatrix) throws -> ResponseMatrix {
        guard patterns.columns == rawVoxels else {
            throw DatasetError(
                .inconsistent,
                "patterns",
                "they have \(patterns.columns) voxels, those that the decoder was trained on had \(rawVoxels)"
            )
        }
        let values = (0..<patterns.rows).flatMap { apply(patterns[$0]) as [Float] }
        return ResponseMatrix(rows: patterns.rows, columns: width, values: values)
    }
}

extension UnlabelledPatterns {
    /// The patterns as the encoder sees them.
    ///
    /// Those of other voxels are scaled by their own statistics, and continued or cut off to the encoder's width.
    /// - Throws: `DatasetError` if there are none, they do not vary, or should have the pairs' voxels and do not;
    ///   ``TrainingError`` if others than the pairs' voxels are to be reduced.
    func prepared(_ standardization: PatternStandardization, _ recipe: PatternRecipe) throws -> ResponseMatrix {
        guard responses.rows > 0, responses.columns > 0 else {
            throw DatasetError(.malformed, "unlabelled patterns", "there are none")
        }
        if sharesVoxels { return try standardization.apply(responses) }
        guard standardization.projection == nil else {
            let reason = "unlabelled patterns of other voxels cannot be reduced to features; leave one of them out"
            throw TrainingError(.unsuitable, "patterns.reduction", reason)
        }
        return try PatternStandardization(of: responses, recipe).apply(responses).fitted(toWidth: standardization.width)
    }
}
