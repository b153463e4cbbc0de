import Images
import Tensors
import Testing
import Training

@Suite("Augmentation")
struct AugmentationTests {
    @Test("Sparsifying sets exactly a fifth of the voxels to zero, others each time")
    func sparsified() {
        var numbers = RandomNumbers(seed: 1)
        let response = [Float](repeating: 1, count: 104)
        let first = Augmentation.sparsified(response, using: &numbers)
        let second = Augmentation.sparsified(response, using: &numbers)
        #expect(first.count { $0 == 0 } == 20 && second.count { $0 == 0 } == 20)
        #expect(first != second)
        #expect(Augmentation.sparsified(response, share: 0, using: &numbers) == response)
        #expect(Augmentation.sparsified(response, share: 1, using: &numbers).allSatisfy { $0 == 0 })
    }

    @Test("A training image is the whole image or a random square of it, at the full size")
    func crops() {
        var numbers = RandomNumbers(seed: 2)
        // The red channel counts columns, the green one rows.
        var image = Image8(height: 10, width: 10)
        for y in 0..<10 {
            for x in 0..<10 {
                image[y, x, 0] = UInt8(20 * x)
                image[y, x, 1] = UInt8(20 * y)
            }
        }
        let whole = Augmentation.diffusionTest(image, side: 10)
        #expect(whole.elements == image.signedTensor().elements)
        var (kept, corners) = (0, Set<Float>())
        for _ in 0..<200 {
            let tensor = Augmentation.diffusionTraining(image, side: 10, using: &numbers)
            #expect(tensor.shape == [10, 10, 3])
            if tensor.elements == whole.elements { kept += 1 } else { corners.insert(tensor.elements[0]) }
        }
        #expect((60...140).contains(kept))
        // A square of 8 of 10 columns begins at column 0, 1 or 2.
        let possible = whole.elements.enumerated().filter { [0, 3, 6].contains($0.offset) }.map(\.element)
        #expect(corners == Set(possible))
    }
}
