import Neural
import Tensors
import Weights

extension FMRIEncoder {
    /// Takes the encoder out of a checkpoint of either training phase: blocks, patch embedding, class token, final norm
    /// and the position table, which is interpolated where the patterns have another number of patches.
    ///
    /// - Parameters:
    ///   - weights: the checkpoint's state dict.
    ///   - store: the store that this encoder was declared in.
    ///   - prefix: what stands before this encoder's names there, for instance `mae.`.
    /// - Returns: what did not fit, under the encoder's names; the rest of the checkpoint is passed over.
    @discardableResult
    public static func load(
        pretrained weights: StateDictionary,
        into store: ParameterStore,
        prefix: String = "mae."
    ) -> LoadReport {
        let parts = ["blocks.", "patch_embed.", "norm.", "cls_token", "pos_embed"]
        var report = store.load(weights) { name in
            parts.contains { name.hasPrefix($0) } ? prefix + name : nil
        }
        if let table = weights["pos_embed"], let parameter = store[prefix + "pos_embed"],
            table.shape.count == 3, table.shape[1] > 1, table.shape[2] == parameter.shape[2],
            table.shape != parameter.shape, table.shape[0] == 1
        {
            let positions = parameter.shape[1] - 1
            parameter.defer { PositionTable.interpolated(Tensor(table), positions: positions) }
            report.misshapen.removeAll { $0.name == "pos_embed" }
        }
        report.missing = report.missing.filter { name in
            name.hasPrefix(prefix) && parts.contains { name.dropFirst(prefix.count).hasPrefix($0) }
        }
        return report
    }
}
