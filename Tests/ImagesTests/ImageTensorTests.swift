import Images
import Tensors
import Testing

@Suite("Images and tensors")
struct ImageTensorTests {
    @Test("Levels go to −1…1 and back to themselves or, by truncation, one lower")
    func truncation() {
        let bytes = (0...255).flatMap { [UInt8($0), UInt8($0), UInt8($0)] }
        let image = Image8(height: 16, width: 16, bytes: bytes)
        let back = Image8(signed: image.signedTensor())
        for (before, after) in zip(image.bytes, back.bytes) {
            #expect(after == before || after + 1 == before)
        }
        #expect(back[0, 0, 0] == 0 && back[15, 15, 0] == 255)
    }

    @Test("Values outside −1…1 are clamped, NaN and infinities included")
    func clamping() {
        let tensor = Tensor([-3, 3, .nan, .infinity, -.infinity, 0], shape: [1, 2, 3])
        #expect(Image8(signed: tensor).bytes == [0, 255, 0, 255, 0, 127])
    }

    @Test("ImageNet normalisation takes each channel's mean to zero and deviation to one")
    func normalization() {
        let image = Image8(height: 1, width: 1, bytes: [255, 0, 128])
        let values = ImageNetNormalization.normalized(image).elements
        #expect(abs(values[0] - (1 - 0.485) / 0.229) < 1e-5)
        #expect(abs(values[1] + 0.456 / 0.224) < 1e-5)
        #expect(abs(values[2] - (128 / 255 - 0.406) / 0.225) < 1e-5)
    }

    @Test("A contact sheet puts images in rows, with margins of the background")
    func grid() {
        let images = (0..<3).map { Image8(height: 2, width: 3, colour: (UInt8($0 + 1), 0, 0)) }
        let sheet = Image8.grid(images, columns: 2, margin: 1, background: 9)
        #expect(sheet.height == 5 && sheet.width == 7)
        #expect(sheet[0, 0, 0] == 1 && sheet[1, 6, 0] == 2 && sheet[3, 2, 0] == 3)
        #expect(sheet[2, 0, 0] == 9 && sheet[0, 3, 1] == 9 && sheet[4, 4, 2] == 9)
    }
}
