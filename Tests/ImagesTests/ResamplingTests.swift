import Images
import Tensors
import Testing

@Suite("Changing the size of images")
struct ResamplingTests {
    @Test("Resampling to the same size changes nothing", arguments: [ResamplingFilter.bilinear, .bicubic])
    func identity(filter: ResamplingFilter) {
        let image = noise(height: 9, width: 14)
        #expect(image.resized(height: 9, width: 14, filter: filter) == image)
    }

    @Test("An image of one colour keeps it at every size", arguments: [ResamplingFilter.bilinear, .bicubic])
    func constant(filter: ResamplingFilter) {
        for (height, width) in [(1, 1), (5, 31), (40, 3), (100, 100)] {
            let image = Image8(height: 17, width: 23, colour: (7, 128, 255))
            let expected = Image8(height: height, width: width, colour: (7, 128, 255))
            #expect(image.resized(height: height, width: width, filter: filter) == expected)
        }
    }

    @Test("Doubling two pixels bilinearly mixes them in quarters, and keeps the borders")
    func bilinear() {
        let image = Image8(height: 1, width: 2, bytes: [0, 0, 0, 200, 200, 200])
        let row = image.resized(height: 1, width: 4, filter: .bilinear)
        #expect((0..<4).map { row[0, $0, 0] } == [0, 50, 150, 200])
    }

    @Test("Shrinking to half bilinearly weighs pixels with a triangle four pixels wide")
    func antialiased() {
        let image = Image8(height: 1, width: 6, bytes: [0, 0, 0, 80, 240, 0].flatMap { [$0, $0, $0] })
        let row = image.resized(height: 1, width: 3, filter: .bilinear)
        // Weights 1, 3, 3, 1 of 8; 3, 3, 1 of 7 at the border.
        #expect((0..<3).map { row[0, $0, 0] } == [0, 60, 114])
    }

    @Test("The cubic filter overshoots at an edge and is clamped to 8 bits")
    func bicubic() {
        let bytes = [UInt8](repeating: 0, count: 12) + [UInt8](repeating: 255, count: 12)
        let row = Image8(height: 1, width: 8, bytes: bytes).resized(height: 1, width: 16, filter: .bicubic)
        let values = (0..<16).map { row[0, $0, 0] }
        #expect(values.prefix(7).allSatisfy { $0 == 0 } && values.suffix(7).allSatisfy { $0 == 255 })
        // The weights of the nearer pair at a quarter: 0.8671875 and 0.2265625, of the farther −0.0234375, −0.0703125.
        #expect(values[7] == UInt8((255 * (0.2265625 - 0.0234375) + 0.5).rounded(.down)))
    }

    @Test("The shorter side takes the given length and the longer one follows, rounded down")
    func shorterSide() {
        let wide = noise(height: 20, width: 33).resized(shorterSide: 7, filter: .bilinear)
        #expect(wide.height == 7 && wide.width == 11)
        let tall = noise(height: 33, width: 20).resized(shorterSide: 7, filter: .bilinear)
        #expect(tall.height == 11 && tall.width == 7)
    }

    @Test("A crop takes the pixels of its place, a centre crop those of the middle")
    func crops() {
        let image = noise(height: 7, width: 9)
        let crop = image.cropped(top: 2, left: 3, height: 4, width: 5)
        #expect(crop[0, 0, 1] == image[2, 3, 1] && crop[3, 4, 2] == image[5, 7, 2])
        #expect(image.centreCropped(height: 3, width: 3) == image.cropped(top: 2, left: 3, height: 3, width: 3))
        // Margins of 5 and 7 halve to 2.5 and 3.5, which round to 2 and 4.
        #expect(image.centreCropped(height: 2, width: 2) == image.cropped(top: 2, left: 4, height: 2, width: 2))
    }

    @Test("A linear ramp stays linear when a tensor is enlarged, except beyond the outer pixel centres")
    func tensorRamp() {
        let ramp = Tensor((0..<4).flatMap { y in (0..<5).map { x in Float(10 * y + x) } }, shape: [4, 5, 1])
        let large = ramp.resizedBilinearly(height: 8, width: 10)
        for y in 0..<8 {
            for x in 0..<10 {
                let row = min(max((Float(y) + 0.5) / 2 - 0.5, 0), 3)
                let column = min(max((Float(x) + 0.5) / 2 - 0.5, 0), 4)
                #expect(abs(large.elements[y * 10 + x] - (10 * row + column)) < 1e-4)
            }
        }
        #expect(ramp.resizedBilinearly(height: 4, width: 5).elements == ramp.elements)
    }

    @Test("Cropping a tensor takes the same pixels as cropping the image")
    func tensorCrop() {
        let image = noise(height: 6, width: 8)
        let crop = image.signedTensor().croppedImage(top: 1, left: 2, height: 3, width: 4)
        #expect(crop.elements == image.cropped(top: 1, left: 2, height: 3, width: 4).signedTensor().elements)
    }
}
