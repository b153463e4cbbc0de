import Foundation
import Images
import WireFormat

/// A trial as far as it is known.
public struct WatchedTrial: Sendable, Equatable {
    /// Its number in the run, from 0.
    public var number: Int
    /// When the stimulus began, in s after the start of the first volume.
    public var onset: Double?
    /// The condition.
    public var trialType: String?
    /// What was shown.
    public var stimulusFile: String?
    /// Why the pattern or image may be wrong.
    public var doubts: [String] = []
    /// Whether there is a pattern.
    public var hasPattern = false
    /// Its latest image or preview.
    public var image: ReconstructionBody?
    /// Whether the latest image is a preview.
    public var isPreview = false

    /// A trial of which nothing is known.
    public init(number: Int) { self.number = number }

    mutating func take(_ pattern: PatternBody) {
        hasPattern = true
        describe(pattern.onset, pattern.trialType, pattern.stimulusFile)
        doubts = pattern.doubts
    }

    mutating func take(_ body: ReconstructionBody, isPreview: Bool) {
        describe(body.onset, body.trialType, body.stimulusFile)
        doubts = body.doubts
        // Previews of another sample do not replace an image.
        if let image, !self.isPreview, isPreview, image.sample == body.sample { return }
        (image, self.isPreview) = (body, isPreview)
    }

    private mutating func describe(_ onset: Double?, _ trialType: String?, _ stimulusFile: String?) {
        self.onset = onset ?? self.onset
        self.trialType = trialType ?? self.trialType
        self.stimulusFile = stimulusFile ?? self.stimulusFile
    }
}

/// The latest image of a session.
public struct WatchedImage: Sendable, Equatable {
    /// What is said of it.
    public var body: ReconstructionBody
    /// Whether it is a preview.
    public var isPreview: Bool
    /// Its pixels; nil if they cannot be read.
    public var pixels: Image8?
    /// Why the pixels cannot be read.
    public var fault: String?
    /// When it arrived, in s on the viewer's clock.
    public var receivedAt: Double

    /// The most pixels that are read; a screen shows fewer.
    static let pixelLimit = 1 << 22

    /// Reads an image.
    init(_ body: ReconstructionBody, isPreview: Bool, payload: [[UInt8]], at time: Double) {
        (self.body, self.isPreview, receivedAt) = (body, isPreview, time)
        do {
            let bytes = payload.first ?? []
            let image = try PNG.decode(Data(bytes), name: "trial \(body.trial)", pixelLimit: Self.pixelLimit)
            pixels = image
            if image.width != body.width || image.height != body.height {
                fault = "has \(image.width)×\(image.height) pixels, not \(body.width)×\(body.height) as announced"
            }
        } catch let error as ImageError {
            fault = error.detail
        } catch {
            fault = String(describing: error)
        }
    }

    /// What to know before the image is believed, the gravest first.
    public var marks: [String] {
        var marks: [String] = []
        if isPreview { marks.append("PREVIEW") }
        if body.isLate { marks.append("LATE") }
        if body.isCutShort { marks.append("CUT SHORT") }
        if !body.doubts.isEmpty { marks.append("DOUBTFUL") }
        if !body.standardized { marks.append("NOT STANDARDIZED") }
        return marks
    }
}
