import Foundation
import Tensors
import Weights

/// The file of a bundle that says how raw patterns are scaled.
enum StandardizationFile {
    /// Its name.
    static let name = "standardization.safetensors"

    /// The arrays `mean`, `deviation` and `selection`, the number of raw voxels, and the `projection` if there is one.
    static func outputs(_ standardization: PatternStandardization) -> [Safetensors.Output] {
        // Whole numbers below 2²⁴ are exact as float32.
        var arrays = [
            ("mean", standardization.mean), ("deviation", standardization.deviation),
            ("selection", standardization.selection.map(Float.init)),
            ("raw_voxels", [Float(standardization.rawVoxels)]),
        ]
        if let projection = standardization.projection { arrays.append(("projection", projection)) }
        return arrays.map { name, values in
            Safetensors.Output(name: name, shape: [values.count]) { (body) throws(WeightsError) in
                try values.withUnsafeBufferPointer { (elements) throws(WeightsError) in try body(elements) }
            }
        }
    }

    /// Reads what ``outputs(_:)`` describes.
    static func read(_ path: String, width: Int) throws -> PatternStandardization {
        let file = try Safetensors(path: path)
        func values(_ name: String) throws -> [Float] {
            guard let array = file.tensors[name], array.shape.count == 1 else {
                throw BundleError(.invalid, path, "it has no array \(name) of one axis")
            }
            return Tensor(array).elements
        }
        let (mean, deviation) = (try values("mean"), try values("deviation"))
        let (selection, raw) = (try values("selection"), try values("raw_voxels").first ?? 0)
        guard mean.count == selection.count, deviation.count == selection.count, !mean.isEmpty else {
            throw BundleError(.invalid, path, "it does not hold one mean and deviation for each voxel")
        }
        let projection = file.tensors["projection"] == nil ? nil : try values("projection")
        let components = projection.map { $0.count / mean.count } ?? mean.count
        let isWhole = projection.map { $0.count % mean.count == 0 && $0.allSatisfy(\.isFinite) } ?? true
        guard (1...width).contains(components), isWhole else {
            let reason = "its patterns have not 1 to \(width) voxels or components, each a finite mixture of the voxels"
            throw BundleError(.invalid, path, reason)
        }
        guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw BundleError(.invalid, path, "a mean is not finite, or a deviation not finite and 0 or more")
        }
        guard raw >= 1, raw < 0x1p24, selection.allSatisfy({ $0 >= 0 && $0 < raw && $0 == $0.rounded() }) else {
            throw BundleError(.invalid, path, "its selection is not one of voxels of a pattern")
        }
        return PatternStandardization(
            rawVoxels: Int(raw),
            selection: selection.map(Int.init),
            mean: mean,
            deviation: deviation,
            projection: projection,
            width: width
        )
    }
}
