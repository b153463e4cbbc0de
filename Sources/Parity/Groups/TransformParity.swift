import Decoder
import Images
import Tensors
import Weights

/// Resizing and cropping of tensors, and the interpolation of position tables.
public struct TransformParity: ParityGroup {
    /// The files of the group.
    public static let files = ["data/transforms.npz"]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        var checks = ParityChecks()
        checks.attempt("\(archive.file): resized") { checks in
            let image = try FixtureImages.image("image_uint8", in: archive).signedTensor()
            let size = try FixtureImages.size(of: "resized", in: archive)
            try checks.compare(
                image.resizedBilinearly(height: size.height, width: size.width),
                with: "resized",
                in: archive
            )
        }
        checks.attempt("\(archive.file): cropped_resized") { try crop(archive, &$0) }
        for name in archive.names where name.hasPrefix("nearest_out_") {
            checks.attempt("\(archive.file): \(name)") { try nearest(name, archive, &$0) }
        }
        return checks.all
    }

    private func crop(_ archive: FixtureArchive, _ checks: inout ParityChecks) throws {
        let image = try FixtureImages.image("image_uint8", in: archive)
        let box = try archive.array("crop_box_top_left_size").integers()
        guard box.count == 3, box[0] >= 0, box[1] >= 0, box[2] > 0, box[0] <= image.height - box[2],
            box[1] <= image.width - box[2]
        else {
            throw ParityError(.malformed, "crop_box_top_left_size", "\(box) does not lie inside the image")
        }
        let size = try FixtureImages.size(of: "cropped_resized", in: archive)
        let crop = image.signedTensor().croppedImage(top: box[0], left: box[1], height: box[2], width: box[2])
        try checks.compare(
            crop.resizedBilinearly(height: size.height, width: size.width),
            with: "cropped_resized",
            in: archive
        )
    }

    /// `[1, channels, positions]`, which as a position table is its transpose below a row for the class token.
    private func nearest(_ name: String, _ archive: FixtureArchive, _ checks: inout ParityChecks) throws {
        let input = try archive.array("nearest_in")
        let shape = try archive.array(name).shape
        guard input.shape.count == 3, input.shape[0] == 1, input.count > 0, shape.count == 3, shape[2] > 0 else {
            throw ParityError(.malformed, name, "shapes \(input.shape) and \(shape) are not of a table")
        }
        let (channels, known, positions) = (input.shape[1], input.shape[2], shape[2])
        let values = input.floats()
        var table = [Float](repeating: 0, count: channels)
        for position in 0..<known { table += (0..<channels).map { values[$0 * known + position] } }
        let result = PositionTable.interpolated(
            Tensor(table, shape: [1, known + 1, channels]),
            positions: positions
        ).elements
        let planar = (0..<channels).flatMap { channel in
            (0..<positions).map { Double(result[($0 + 1) * channels + channel]) }
        }
        try checks.compare(planar, shape: [1, channels, positions], with: name, in: archive, .exact)
    }
}
