import Images
import Tensors

/// Changes to training samples that are drawn anew for every step.
public enum Augmentation {
    /// A response with `floor(share · voxels)` distinct voxels set to zero.
    ///
    /// Meant by the reference, but without effect there; off by default here.
    public static func sparsified(
        _ response: [Float],
        share: Double = 0.2,
        using numbers: inout RandomNumbers
    ) -> [Float] {
        precondition((0...1).contains(share), "A share lies in 0…1.")
        var response = response
        var voxels = Array(response.indices)
        for index in 0..<Int(share * Double(response.count)) {
            voxels.swapAt(index, index + numbers.integer(below: voxels.count - index))
            response[voxels[index]] = 0
        }
        return response
    }

    /// An image as the diffusion model is trained on it, `[side, side, 3]` in −1…1.
    ///
    /// With the given probability a random square, smaller than the shorter side by `floor(share · side)`, is enlarged to
    /// the size of the whole.
    public static func diffusionTraining(
        _ image: Image8,
        side: Int = 256,
        cropShare: Double = 0.2,
        probability: Float = 0.5,
        using numbers: inout RandomNumbers
    ) -> Tensor {
        let tensor = image.signedTensor()
        let shorter = min(image.height, image.width)
        let crop = shorter - Int(cropShare * Double(shorter))
        guard numbers.uniform() < probability else { return tensor.resizedBilinearly(height: side, width: side) }
        let top = numbers.integer(below: image.height - crop + 1)
        let left = numbers.integer(below: image.width - crop + 1)
        return tensor.croppedImage(top: top, left: left, height: crop, width: crop)
            .resizedBilinearly(height: side, width: side)
    }

    /// An image as the diffusion model is tested on it, `[side, side, 3]` in −1…1.
    public static func diffusionTest(_ image: Image8, side: Int = 256) -> Tensor {
        image.signedTensor().resizedBilinearly(height: side, width: side)
    }
}
