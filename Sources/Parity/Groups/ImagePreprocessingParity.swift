import Images
import Weights

/// The 8-bit resampling and normalisation in front of the image networks.
public struct ImagePreprocessingParity: ParityGroup {
    /// The files of the group.
    public static let files = ["data/vit_preprocess.npz"]

    /// Makes the group.
    public init() {}

    /// Compares every array.
    public func checks(in folder: FixtureFolder) throws -> [ParityCheck] {
        let archive = try folder.archive(Self.files[0])
        var checks = ParityChecks()
        checks.attempt("\(archive.file): bicubic") {
            try resampling("bicubic_in", "bicubic_out", .bicubic, archive, &$0)
        }
        checks.attempt("\(archive.file): bilinear") {
            let image = try resampling("image_uint8", "resized_uint8", .bilinear, archive, &$0)
            let values = ImageNetNormalization.normalized(image).elements
            let planar = (0..<3).flatMap { channel in stride(from: channel, to: values.count, by: 3).map { values[$0] }
            }
            try $0.compare(
                planar.map(Double.init),
                shape: [3, image.height, image.width],
                with: "pixel_values",
                in: archive,
                .forward
            )
        }
        return checks.all
    }

    @discardableResult
    private func resampling(
        _ input: String,
        _ output: String,
        _ filter: ResamplingFilter,
        _ archive: FixtureArchive,
        _ checks: inout ParityChecks
    ) throws -> Image8 {
        let size = try FixtureImages.size(of: output, in: archive)
        let image = try FixtureImages.image(input, in: archive)
            .resized(height: size.height, width: size.width, filter: filter)
        try checks.compare(
            image.bytes.map(Double.init),
            shape: [size.height, size.width, 3],
            with: output,
            in: archive,
            .exact
        )
        return image
    }
}
