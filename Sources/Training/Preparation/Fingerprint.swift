import Digests
import Foundation
import Images
import Settings

/// What tells apart runs that must not continue each other: the keys of the recipe that a phase depends on, and the data.
struct Fingerprint {
    private let entries: [(key: String, value: String)]
    private let patterns: String
    private let prior: String

    init(_ recipe: TrainingRecipe, patterns: [ResponseMatrix], images: [Image8], prior: [Image8], classes: [Int]) {
        entries = recipe.effective.map { $0.key == "imageSeed" ? ("imageSeed", "\(recipe.seedOfImagePhases)") : $0 }
        var digest = SHA256()
        for matrix in patterns { matrix.values.withUnsafeBytes { digest.update($0) } }
        for image in images { image.bytes.withUnsafeBytes { digest.update($0) } }
        self.patterns = digest.hexDigest()
        var images = SHA256()
        for image in prior { image.bytes.withUnsafeBytes { images.update($0) } }
        classes.withUnsafeBytes { images.update($0) }
        self.prior = images.hexDigest()
    }

    /// The fingerprint of a phase that depends on the given sections of the recipe.
    func of(_ sections: [String], usesPatterns: Bool) -> String {
        // What was trained on images with one seed serves others.
        let seeds = usesPatterns ? ["seed", "imageSeed"] : ["imageSeed"]
        let keys = sections + seeds + ["imageSize", "augmentation"]
        // How often images are encoded matters only to those that are trained on latents.
        let ignored = sections.contains("imageModel") ? [] : ["augmentation.versions"]
        let lines = entries.filter { entry in
            keys.contains { entry.key == $0 || entry.key.hasPrefix($0 + ".") } && !ignored.contains(entry.key)
        }
        .map { "\($0.key)=\($0.value)\n" }
        return SHA256.hexDigest(of: (lines.joined() + prior + (usesPatterns ? patterns : "")).utf8)
    }
}
