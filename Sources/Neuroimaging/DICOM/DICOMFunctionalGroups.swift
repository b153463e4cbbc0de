/// The functional groups of an enhanced file (PS3.3, C.7.6.16): what frames share, and what each has of its own.
///
/// A value is looked for in the frame's group, in the shared group, and at the top, where classic files have it.
struct DICOMFunctionalGroups {
    private let dataSet: DICOMDataSet
    private let shared: DICOMDataSet?
    private let frames: [DICOMDataSet]
    private let tagsAtTop: Set<DICOMTag>

    init(_ dataSet: DICOMDataSet) {
        self.dataSet = dataSet
        shared = dataSet.items(.sharedFunctionalGroups).first
        frames = dataSet.items(.perFrameFunctionalGroups)
        tagsAtTop = Set(dataSet.tags)
    }

    /// The number of frames that have groups of their own.
    var count: Int { frames.count }

    /// The data set that holds an element of a group of a frame.
    func holder(of tag: DICOMTag, in group: DICOMTag, frame: Int) -> DICOMDataSet? {
        if frame < frames.count {
            if let item = frames[frame].items(group).first, item.contains(tag) { return item }
            // Philips repeats values in a private group.
            if let item = frames[frame].items(.philipsFrame).first, item.contains(tag) { return item }
        }
        if let item = shared?.items(group).first, item.contains(tag) { return item }
        return tagsAtTop.contains(tag) ? dataSet : nil
    }

    /// The echo time of a frame in seconds.
    func echoTime(frame: Int) -> Double? {
        // Enhanced files have the effective one, classic ones the other.
        let tags: [DICOMTag] = frames.isEmpty ? [.echoTime, .effectiveEchoTime] : [.effectiveEchoTime, .echoTime]
        let time = tags.lazy.compactMap { number($0, in: .mrEcho, frame: frame) }.first
        return time.flatMap { $0 > 0 ? $0 / 1000 : nil }
    }

    func numbers(_ tag: DICOMTag, in group: DICOMTag, frame: Int, count: Int) -> [Double]? {
        holder(of: tag, in: group, frame: frame)?.vector(tag, count: count)
    }

    func number(_ tag: DICOMTag, in group: DICOMTag, frame: Int) -> Double? {
        holder(of: tag, in: group, frame: frame)?.optionalDouble(tag)
    }

    func string(_ tag: DICOMTag, in group: DICOMTag, frame: Int) -> String? {
        holder(of: tag, in: group, frame: frame)?.string(tag)
    }
}
