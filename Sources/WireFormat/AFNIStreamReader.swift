/// Makes runs and volumes of the bytes that come over AFNI's data channel.
///
/// Each run is a block of metadata, a zero byte, and images without anything between them. An image that begins with
/// ``endOfRun`` ends the run; another block may follow.
public struct AFNIStreamReader: Sendable {
    /// How an image begins that is not one, but the end of a run.
    public static let endOfRun = Array("Et Earello Endorenna utulien!!".utf8)

    /// Something that has arrived whole.
    public enum Item: Sendable, Equatable {
        /// A run begins.
        case run(AFNIMetadata)
        /// A volume, by its number in the run from 0: little-endian, x fastest.
        case volume(Int, [UInt8])
        /// The run is over; so many bytes belong to a volume that is not whole.
        case end(unfinished: Int)
    }

    /// The run that is under way.
    public private(set) var metadata: AFNIMetadata?
    private let largestVolume: Int
    private let channel: Int
    private var block: [UInt8] = []
    private var image: [UInt8] = []
    private var volume: [UInt8] = []
    private var slices: [Int] = []
    private var imageCount = 0

    /// Expects metadata.
    ///
    /// - Parameters:
    ///   - largestVolume: The most bytes of a volume, over all channels.
    ///   - channel: The channel whose volumes count, from 0; the last one if there are fewer.
    public init(largestVolume: Int, channel: Int = 0) {
        (self.largestVolume, self.channel) = (largestVolume, channel)
    }

    /// The bytes that have come of a volume that is not whole, over all channels.
    public var unfinished: Int {
        guard let metadata else { return 0 }
        let images = (metadata.acquisition.isBySlice ? metadata.shape.z : 1) * metadata.channels
        return imageCount % images * metadata.imageSize + image.count
    }

    /// The bytes of a block of metadata that is not whole.
    public var unfinishedMetadata: Int { block.count }

    /// Takes in bytes and gives what they complete, in order.
    ///
    /// After an error the rest of the stream cannot be understood.
    public mutating func take(_ bytes: ArraySlice<UInt8>, _ give: (Item) -> Void) throws(WireError) {
        var rest = bytes
        while !rest.isEmpty {
            if let metadata {
                let part = rest.prefix(metadata.imageSize - image.count)
                image.append(contentsOf: part)
                rest = rest.dropFirst(part.count)
                if image.count == metadata.imageSize, let item = finishImage(metadata) { give(item) }
            } else {
                let part = rest.prefix { $0 != 0 }
                guard block.count + part.count <= AFNIMetadata.largestBlock else {
                    let detail = "has no end within the \(AFNIMetadata.largestBlock) bytes that AFNI allows"
                    throw WireError(.tooLarge, "AFNI metadata", detail)
                }
                block.append(contentsOf: part)
                rest = rest.dropFirst(part.count)
                if rest.popFirst() != nil, let item = try finishBlock() { give(item) }
            }
        }
    }

    private mutating func finishBlock() throws(WireError) -> Item? {
        defer { block.removeAll() }
        let isBlank = block.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard !isBlank else { return nil }
        let metadata = try AFNIMetadata(block, largestVolume: largestVolume)
        (self.metadata, imageCount, image) = (metadata, 0, [])
        image.reserveCapacity(metadata.imageSize)
        slices = metadata.acquisition.isBySlice ? metadata.sliceOrder.slices(count: metadata.shape.z) : [0]
        return .run(metadata)
    }

    private mutating func finishImage(_ metadata: AFNIMetadata) -> Item? {
        if image.starts(with: Self.endOfRun) {
            image = []
            defer { self.metadata = nil }
            return .end(unfinished: unfinished)
        }
        let (time, channel) = imageCount.quotientAndRemainder(dividingBy: metadata.channels)
        let (number, place) = time.quotientAndRemainder(dividingBy: slices.count)
        imageCount += 1
        guard channel == min(self.channel, metadata.channels - 1) else {
            image.removeAll(keepingCapacity: true)
            return nil
        }
        if metadata.isBigEndian { image.reverse(inGroupsOf: metadata.datum.size) }
        if metadata.acquisition.isBySlice {
            if place == 0 { volume = [UInt8](repeating: 0, count: metadata.volumeSize) }
            let start = slices[place] * image.count
            volume.replaceSubrange(start..<start + image.count, with: image)
            image.removeAll(keepingCapacity: true)
        } else {
            volume = image
            image = []
            image.reserveCapacity(metadata.imageSize)
        }
        guard place == slices.count - 1 else { return nil }
        defer { volume = [] }
        return .volume(number, volume)
    }
}
