/// The elements that are used here, with the representation that implicit files do not state.
enum DICOMDictionary {
    /// The value representation of an element.
    static func kind(of tag: DICOMTag) -> DICOMValueKind { kinds[tag] ?? .unknown }

    private static let kinds: [DICOMTag: DICOMValueKind] = {
        var kinds: [DICOMTag: DICOMValueKind] = [:]
        for (letters, tags) in listed {
            for tag in tags { kinds[tag] = letters }
        }
        return kinds
    }()

    private static let listed: [(DICOMValueKind, [DICOMTag])] = [
        (.sequence, sequences),
        (
            .unsignedShort,
            [
                .rows, .columns, .bitsAllocated, .bitsStored, .highBit, .pixelRepresentation, .samplesPerPixel,
                .planarConfiguration, .siemensImagesInMosaic,
            ]
        ),
        (
            .unsignedLong,
            [
                .dimensionIndexValues, .temporalPositionIndex, .inStackPositionNumber,
            ]
        ),
        (
            .double,
            [
                .siemensSliceNormal, .siemensSliceTimes, .effectiveEchoTime, .diffusionValue,
            ]
        ),
        (.float, [.philipsScaleSlope, .geGroupDelay]),
        (.signedLong, [.philipsSlices]),
        (.signedShort, [.geLocations, .geComponent]),
        (
            .integerString,
            [
                .numberOfFrames, .instanceNumber, .seriesNumber, .acquisitionNumber, .temporalPositionIdentifier,
                .siemensFrameNumber, .numberOfTemporalPositions, .imagesInAcquisition, .echoNumber, .phaseEncodingSteps,
            ]
        ),
        (
            .decimalString,
            [
                .imagePosition, .imageOrientation, .pixelSpacing, .sliceThickness, .spacingBetweenSlices,
                .repetitionTime, .echoTime, .triggerTime, .rescaleSlope, .rescaleIntercept,
                .geTimer, .siemensTimeAfterStart,
            ]
        ),
        (
            .text,
            [
                .transferSyntax, .sopInstance, .manufacturer, .seriesDescription,
                .studyInstance, .seriesTime, .seriesInstance, .imageType, .acquisitionTime, .acquisitionDateTime,
                .frameAcquisitionDateTime, .phaseEncodingDirection, .stackIdentifier,
                .softwareVersion, .gePulseSequence, .geInternalPulseSequence, .complexComponent, .geMultiband,
                .protocolName, .mrAcquisitionType, .scanningSequence, .sequenceName, .echoPlanar,
                .diffusionDirectionality, .seriesDate, .acquisitionDate, .contentDate, .timezoneOffset,
            ]
        ),
        (
            .otherByte,
            [
                .siemensImageHeader, .siemensSeriesHeader, .geProtocolBlock,
            ]
        ),
        (.otherWord, [.pixelData]),
    ]

    private static let sequences: [DICOMTag] = [
        .sharedFunctionalGroups, .perFrameFunctionalGroups, .planePosition, .planeOrientation, .pixelMeasures,
        .frameContent, .pixelValueTransformation, .mrTiming, .mrEcho, .philipsFrame,
        .mrFieldOfView, .unitedImagingSlices, .siemensFrameGroup, .dimensionIndex,
        .mrImageFrameType,
    ]
}

extension DICOMTag {
    // Files.
    static let transferSyntax = DICOMTag(0x0002, 0x0010)
    static let mediaInstance = DICOMTag(0x0002, 0x0003)
    static let sopInstance = DICOMTag(0x0008, 0x0018)

    // Series and images.
    static let imageType = DICOMTag(0x0008, 0x0008)
    static let seriesDate = DICOMTag(0x0008, 0x0021)
    static let acquisitionDate = DICOMTag(0x0008, 0x0022)
    static let contentDate = DICOMTag(0x0008, 0x0023)
    static let timezoneOffset = DICOMTag(0x0008, 0x0201)
    static let seriesTime = DICOMTag(0x0008, 0x0031)
    static let acquisitionDateTime = DICOMTag(0x0008, 0x002A)
    static let acquisitionTime = DICOMTag(0x0008, 0x0032)
    static let manufacturer = DICOMTag(0x0008, 0x0070)
    static let seriesDescription = DICOMTag(0x0008, 0x103E)
    static let softwareVersion = DICOMTag(0x0018, 0x1020)
    static let protocolName = DICOMTag(0x0018, 0x1030)
    static let scanningSequence = DICOMTag(0x0018, 0x0020)
    static let sequenceName = DICOMTag(0x0018, 0x0024)
    static let echoPlanar = DICOMTag(0x0018, 0x9018)
    static let diffusionDirectionality = DICOMTag(0x0018, 0x9075)
    static let diffusionValue = DICOMTag(0x0018, 0x9087)
    static let mrAcquisitionType = DICOMTag(0x0018, 0x0023)
    static let sliceThickness = DICOMTag(0x0018, 0x0050)
    static let repetitionTime = DICOMTag(0x0018, 0x0080)
    static let echoTime = DICOMTag(0x0018, 0x0081)
    static let echoNumber = DICOMTag(0x0018, 0x0086)
    static let phaseEncodingSteps = DICOMTag(0x0018, 0x0089)
    static let spacingBetweenSlices = DICOMTag(0x0018, 0x0088)
    static let triggerTime = DICOMTag(0x0018, 0x1060)
    static let phaseEncodingDirection = DICOMTag(0x0018, 0x1312)
    static let studyInstance = DICOMTag(0x0020, 0x000D)
    static let seriesInstance = DICOMTag(0x0020, 0x000E)
    static let seriesNumber = DICOMTag(0x0020, 0x0011)
    static let acquisitionNumber = DICOMTag(0x0020, 0x0012)
    static let instanceNumber = DICOMTag(0x0020, 0x0013)
    static let imagePosition = DICOMTag(0x0020, 0x0032)
    static let imageOrientation = DICOMTag(0x0020, 0x0037)
    static let temporalPositionIdentifier = DICOMTag(0x0020, 0x0100)
    static let numberOfTemporalPositions = DICOMTag(0x0020, 0x0105)
    static let imagesInAcquisition = DICOMTag(0x0020, 0x1002)

    // Pixels.
    static let samplesPerPixel = DICOMTag(0x0028, 0x0002)
    static let planarConfiguration = DICOMTag(0x0028, 0x0006)
    static let numberOfFrames = DICOMTag(0x0028, 0x0008)
    static let rows = DICOMTag(0x0028, 0x0010)
    static let columns = DICOMTag(0x0028, 0x0011)
    static let pixelSpacing = DICOMTag(0x0028, 0x0030)
    static let bitsAllocated = DICOMTag(0x0028, 0x0100)
    static let bitsStored = DICOMTag(0x0028, 0x0101)
    static let highBit = DICOMTag(0x0028, 0x0102)
    static let pixelRepresentation = DICOMTag(0x0028, 0x0103)
    static let rescaleIntercept = DICOMTag(0x0028, 0x1052)
    static let rescaleSlope = DICOMTag(0x0028, 0x1053)
    static let pixelData = DICOMTag(0x7FE0, 0x0010)

    // Functional groups of enhanced files.
    static let sharedFunctionalGroups = DICOMTag(0x5200, 0x9229)
    static let perFrameFunctionalGroups = DICOMTag(0x5200, 0x9230)
    static let planePosition = DICOMTag(0x0020, 0x9113)
    static let planeOrientation = DICOMTag(0x0020, 0x9116)
    static let pixelMeasures = DICOMTag(0x0028, 0x9110)
    static let pixelValueTransformation = DICOMTag(0x0028, 0x9145)
    static let frameContent = DICOMTag(0x0020, 0x9111)
    static let dimensionIndex = DICOMTag(0x0020, 0x9222)
    static let dimensionIndexPointer = DICOMTag(0x0020, 0x9165)
    static let dimensionIndexValues = DICOMTag(0x0020, 0x9157)
    static let stackIdentifier = DICOMTag(0x0020, 0x9056)
    static let inStackPositionNumber = DICOMTag(0x0020, 0x9057)
    static let temporalPositionIndex = DICOMTag(0x0020, 0x9128)
    static let frameAcquisitionDateTime = DICOMTag(0x0018, 0x9074)
    static let mrTiming = DICOMTag(0x0018, 0x9112)
    static let mrEcho = DICOMTag(0x0018, 0x9114)
    static let mrFieldOfView = DICOMTag(0x0018, 0x9125)
    static let effectiveEchoTime = DICOMTag(0x0018, 0x9082)
    static let complexComponent = DICOMTag(0x0008, 0x9208)
    static let mrImageFrameType = DICOMTag(0x0018, 0x9226)

    // Siemens.
    static let siemensImagesInMosaic = DICOMTag(0x0019, 0x100A)
    static let siemensSliceNormal = DICOMTag(0x0019, 0x1027)
    static let siemensSliceTimes = DICOMTag(0x0019, 0x1029)
    static let siemensImageHeader = DICOMTag(0x0029, 0x1010)
    static let siemensSeriesHeader = DICOMTag(0x0029, 0x1020)
    static let siemensFrameGroup = DICOMTag(0x0021, 0x11FE)
    static let siemensFrameNumber = DICOMTag(0x0021, 0x118A)
    static let siemensTimeAfterStart = DICOMTag(0x0021, 0x1104)

    // GE.
    static let geTimer = DICOMTag(0x0021, 0x105E)
    static let geLocations = DICOMTag(0x0021, 0x104F)
    static let geComponent = DICOMTag(0x0043, 0x102F)
    static let gePulseSequence = DICOMTag(0x0019, 0x109C)
    static let geInternalPulseSequence = DICOMTag(0x0019, 0x109E)
    static let geGroupDelay = DICOMTag(0x0043, 0x107C)
    static let geMultiband = DICOMTag(0x0043, 0x10B6)
    static let geProtocolBlock = DICOMTag(0x0025, 0x101B)

    // United Imaging.
    static let unitedImagingSlices = DICOMTag(0x0065, 0x1051)

    // Philips.
    static let philipsSlices = DICOMTag(0x2001, 0x1018)
    static let philipsScaleSlope = DICOMTag(0x2005, 0x100E)
    static let philipsFrame = DICOMTag(0x2005, 0x140F)
}
