/// How the elements and pixels of a DICOM file are encoded (PS3.5, 10; PS3.6, A).
public struct DICOMTransferSyntax: Sendable, Equatable {
    /// How pixel data are stored.
    public enum PixelEncoding: Sendable, Equatable {
        /// As they are.
        case native
        /// Run lengths of each byte plane (PS3.5, G).
        case runLength
        /// In a way that is not read here.
        case foreign
    }

    /// Its unique identifier.
    public let identifier: String
    /// Whether each element says its value representation.
    public let isExplicit: Bool
    /// Whether numbers of elements are big-endian.
    public let isBigEndian: Bool
    /// How pixel data are stored.
    public let pixelEncoding: PixelEncoding

    /// The default of the standard.
    public static let implicitLittleEndian = DICOMTransferSyntax("1.2.840.10008.1.2")

    /// Describes the transfer syntax with an identifier.
    public init(_ identifier: String) {
        self.identifier = identifier
        let isGE = identifier == Self.privateGE
        isExplicit = identifier != "1.2.840.10008.1.2" && !isGE
        isBigEndian = identifier == "1.2.840.10008.1.2.2"
        switch identifier {
        case "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", Self.privateGE: pixelEncoding = .native
        case "1.2.840.10008.1.2.5": pixelEncoding = .runLength
        default: pixelEncoding = .foreign
        }
    }

    /// Whether native pixels are big-endian: GE's private syntax has them so among little-endian elements.
    public var hasBigEndianPixels: Bool { isBigEndian || identifier == Self.privateGE }

    /// Whether everything after the meta information is deflated.
    public var isDeflated: Bool { identifier == "1.2.840.10008.1.2.1.99" }

    /// Its name, where it is a known one.
    public var name: String { Self.names[identifier] ?? "unknown transfer syntax" }

    private static let privateGE = "1.2.840.113619.5.2"
    private static let names = [
        "1.2.840.10008.1.2": "Implicit VR Little Endian",
        "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
        "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
        "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
        "1.2.840.113619.5.2": "GE Private Implicit VR Big Endian",
        "1.2.840.10008.1.2.5": "RLE Lossless",
        "1.2.840.10008.1.2.4.50": "JPEG Baseline",
        "1.2.840.10008.1.2.4.51": "JPEG Extended",
        "1.2.840.10008.1.2.4.57": "JPEG Lossless",
        "1.2.840.10008.1.2.4.70": "JPEG Lossless, First-Order Prediction",
        "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
        "1.2.840.10008.1.2.4.81": "JPEG-LS Near-Lossless",
        "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
        "1.2.840.10008.1.2.4.91": "JPEG 2000",
        "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 Lossless",
        "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
    ]
}
