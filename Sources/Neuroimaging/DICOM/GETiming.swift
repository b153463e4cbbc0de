/// When GE's scanners acquire the slices of a volume.
///
/// Echo-planar sequences run through the slices at even intervals; the protocol says whether every second slice comes
/// first and how many are excited together.
struct GETiming: Sendable {
    private let version: (major: Double, release: Int)
    private let protocolBlock: GEProtocolBlock
    private let isBrainWave: Bool
    private let isMultiPhase: Bool
    private let groupDelay: Double
    private let multiband: Int

    /// Finds out how slices are timed; nil where the file does not say.
    init?(_ dataSet: DICOMDataSet, software: String) {
        guard let bytes = dataSet.bytes(.geProtocolBlock), let block = GEProtocolBlock(bytes) else { return nil }
        let sequence = dataSet.string(.gePulseSequence) ?? ""
        let name = dataSet.string(.geInternalPulseSequence) ?? ""
        let delay = dataSet.optionalDouble(.geGroupDelay)
        protocolBlock = block
        isBrainWave = delay != nil || sequence.contains("epiRT") || block.options.contains("FMRI")
        let isDiffusion = sequence.contains("epi2") || name == "EPI2" || block.options.contains("DIFF")
        isMultiPhase = !isDiffusion && (sequence.contains("epi") || name == "EPI" || block.options.contains("MPh"))
        let stated = dataSet.strings(.geMultiband).first.flatMap { Int($0) } ?? 1
        multiband = max(block.multiband, (1...64).contains(stated) ? stated : 1)
        groupDelay = isBrainWave ? delay ?? 0 : max(0, block.groupDelay)
        guard let version = Self.version(software) else { return nil }
        self.version = version
    }

    /// The pause that the stated repetition time leaves out, in seconds.
    var addedDelay: Double { isMultiPhase || isBrainWave ? groupDelay : 0 }

    /// When each slice is acquired, in their stored order, in seconds; nil for sequences that are not understood.
    func times(slices: Int, repetitionTime: Double) -> [Double]? {
        guard slices > 1, isBrainWave || isMultiPhase, repetitionTime > groupDelay else { return nil }
        guard isBrainWave || protocolBlock.groupDelay >= 0 else { return nil }
        let isInterleaved = isBrainWave ? protocolBlock.isInterleaved ?? true : true
        let isRecent = version.major >= 27.1 || (version.major >= 27 && version.release >= 3)
        guard multiband == 1 || version.major >= 26 else { return nil }
        var excitations = (slices + multiband - 1) / multiband
        if multiband > 1, !isRecent, excitations.isMultiple(of: 2) { excitations += 1 }
        let interval = (repetitionTime - groupDelay) / Double(excitations)
        var order = Array(0..<excitations)
        if isInterleaved {
            let odd = (excitations - 1) / 2
            order = order.map { $0.isMultiple(of: 2) ? $0 / 2 : odd + ($0 + 1) / 2 }
            if multiband > 1, isRecent, excitations > 2, excitations.isMultiple(of: 2) {
                order.swapAt(excitations - 1, excitations - 3)
            }
        }
        return (0..<slices).map { Double(order[$0 % excitations]) * interval }
    }

    /// The release of the scanner's software, such as 27.0 and 3 of `27\LX\MR Software release:RX27.0_R03_1831.a`.
    private static func version(_ software: String) -> (major: Double, release: Int)? {
        let parts = software.split(separator: "\\")
        let name = parts.last.map(String.init) ?? software
        let start = name.split(whereSeparator: { $0 == ":" || $0 == " " }).last.map(String.init) ?? name
        let tail = start.components(after: "SIGNA_LX1.")
        let fields = tail.split(separator: "_")
        guard let first = fields.first, let major = Double(first.drop { !$0.isNumber }) else { return nil }
        let release = fields.count > 1 && fields[1].hasPrefix("R") ? Int(fields[1].dropFirst()) ?? 0 : 0
        return (major, release)
    }
}

extension String {
    /// What follows a prefix, or all of it.
    fileprivate func components(after prefix: String) -> Substring {
        hasPrefix(prefix) ? dropFirst(prefix.count) : self[...]
    }
}
