import Decoder
import Foundation
import Live
import Neuroimaging
import Settings

/// Whether the bundle and the files of preprocessing are whole and fit each other.
enum DoctorBundle {
    /// The share of a mask that has to lie on bright tissue.
    private static let leastShare = 0.7

    static func examine(_ settings: DaemonSettings, deep: Bool) -> (ProcessingModel?, [DoctorFinding]) {
        let (bundle, found) = examineBundle(settings, deep: deep)
        var findings = found
        do {
            // Settings without both were refused.
            let folder = URL(fileURLWithPath: settings.preprocessing ?? settings.bundle ?? "")
            let model = try ProcessingModel(PreprocessingFolder(folder))
            findings += geometry(model)
            if let mismatch = try bundle?.mismatch(voxels: model.mask.count) {
                let remedy = "use the mask that the bundle was trained with"
                findings.append(.failed("geometry", "the bundle \(mismatch)", remedy))
            }
            return (model, findings)
        } catch {
            findings.append(.failed("preprocessing", "\(error)", "`percept preprocess` makes these files from a run"))
            return (nil, findings)
        }
    }

    private static func examineBundle(
        _ settings: DaemonSettings,
        deep: Bool
    ) -> (DecoderBundle?, [DoctorFinding]) {
        guard let path = settings.bundle else {
            return (nil, [.ok("bundle", "none; patterns are recorded, nothing is decoded")])
        }
        do {
            let bundle = try DecoderBundle(opening: URL(fileURLWithPath: path))
            return (bundle, [describe(bundle)] + (deep ? [try digests(bundle)] : []))
        } catch {
            let remedy = "set `bundle` to a folder that `percept import` or `percept train` made"
            let finding =
                settings.decoding.enabled
                ? DoctorFinding.failed("bundle", "\(error)", remedy)
                : DoctorFinding.warning("bundle", "\(error)", "nothing to do as long as decoding.enabled is false")
            return (nil, [finding])
        }
    }

    private static func describe(_ bundle: DecoderBundle) -> DoctorFinding {
        let manifest = bundle.manifest
        let bytes = manifest.files.values.reduce(0) { $0 + $1.bytes }
        let detail = "\(bundle.folder.path), \(DoctorMachine.megabytes(bytes)), \(manifest.voxels) voxels"
        guard manifest.provenance.needsFineTuning else { return .ok("bundle", detail) }
        return .warning("bundle", detail + ", not trained for decoding", "fine-tune it for the participant")
    }

    private static func digests(_ bundle: DecoderBundle) throws -> DoctorFinding {
        let damaged = try bundle.damagedFiles()
        guard !damaged.isEmpty else { return .ok("digests", "all files are as recorded") }
        return .failed("digests", "\(damaged.joined(separator: ", ")) are not as recorded", "copy the bundle again")
    }

    private static func geometry(_ model: ProcessingModel) -> [DoctorFinding] {
        let shape = model.mask.grid.shape
        let size = model.mask.grid.voxelSize
        let grid = String(
            format: "%d×%d×%d voxels of %.2f×%.2f×%.2f mm",
            shape.x,
            shape.y,
            shape.z,
            size.x,
            size.y,
            size.z
        )
        guard let reference = model.reference else {
            let detail = "\(grid), a mask of \(model.mask.count) voxels, no reference"
            return [.warning("geometry", detail, "the mask must fit the first volume of each run as it is")]
        }
        let mean = reference.voxels.reduce(0.0) { $0 + Double($1) } / Double(max(reference.voxels.count, 1))
        let bright = model.mask.values(of: reference).count { Double($0) > mean }
        let share = Double(bright) / Double(max(model.mask.count, 1))
        let percent = "\(Int((share * 100).rounded())) % of the mask is brighter than the reference's mean"
        let detail = "\(grid), a mask of \(model.mask.count) voxels; \(percent)"
        if share < leastShare {
            return [.warning("geometry", detail, "look whether mask and reference are of the same person and session")]
        }
        return [.ok("geometry", detail)]
    }
}
