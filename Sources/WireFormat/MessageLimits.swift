/// What a message may claim at most; checked before memory is allocated for it.
public struct MessageLimits: Sendable, Equatable {
    /// The most bytes of a header.
    public var headerBytes = 64 << 10
    /// The most parts of a message, with topic and header.
    public var parts = 8
    /// How deep objects and lists of a header may be nested.
    public var depth = 8
    /// The most characters of a name.
    public var nameLength = 200
    /// The most characters of a text that is not a name.
    public var textLength = 2_000
    /// The most voxels of a volume or pattern.
    public var voxels = 16_777_216
    /// The greatest index of a volume, trial or sample.
    public var index = 10_000_000
    /// The most pixels of an image along a side.
    public var imageSide = 16_384
    /// The most entries of a dictionary or list.
    public var entries = 256

    /// The limits of version 1.
    public init() {}
}
