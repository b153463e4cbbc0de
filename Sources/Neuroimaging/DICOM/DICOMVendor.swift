/// Who made the scanner, which decides where some values are.
enum DICOMVendor: Sendable {
    case siemens
    case ge
    case philips
    case unitedImaging
    case other

    /// Recognises Manufacturer (0008,0070), or software of Siemens where that is missing.
    init(manufacturer: String, software: String) {
        let name = manufacturer.uppercased()
        if name.hasPrefix("SIEMENS") {
            self = .siemens
        } else if name.hasPrefix("GE") || name.hasPrefix("G.E") {
            self = .ge
        } else if name.hasPrefix("PHILIPS") {
            self = .philips
        } else if name.hasPrefix("UIH") {
            self = .unitedImaging
        } else {
            self = software.contains("syngo MR") ? .siemens : .other
        }
    }
}

extension DICOMDataSet {
    /// A private element: its block is the one that its creator reserved, or else the usual one.
    ///
    /// Creators reserve blocks through elements (gggg,0010) to (gggg,00FF) (PS3.5, 7.8.1).
    func privateTag(_ usual: DICOMTag, creator: String) -> DICOMTag {
        for block in UInt16(0x10)...0x1F where string(DICOMTag(usual.group, block)) == creator {
            return DICOMTag(usual.group, block << 8 | usual.element & 0xFF)
        }
        return usual
    }
}
