/// What the visual cortex of a simulated participant does.
public struct CortexSettings: Sendable, Equatable {
    /// The distance of the sites at which responses are computed, in mm.
    public var siteSpacing = 3.0
    /// The signal change at a typical site to a typical image, in percent; 0 for a cortex that sees nothing.
    public var signalChange = 1.5
    /// The width of the haemodynamic point spread, in mm (FWHM).
    public var pointSpread = 3.0
    /// When responses to short stimuli peak, in s: the mean over sites.
    public var peakTime = 4.8
    /// How much the time of the peak differs between sites, in s (standard deviation).
    public var peakTimeDeviation = 0.5
    /// A file with measured responses to short stimuli, in place of ones of the same range.
    ///
    /// Numbers separated by tabs, a column for each response, the first row at the stimulus' onset.
    public var responses: String?
    /// The time between rows of ``responses``, in s.
    public var responseInterval = 0.1
    /// The share of the response of V1 to V3 that follows the brightness of surfaces; the rest follows contrast.
    public var surfaceShare = 0.2
    /// The share that follows luminance itself, as responses of V1 do besides those to contrast (Boyaci et al., Curr
    /// Biol 17, 2007); at most what ``surfaceShare`` leaves.
    public var luminanceShare = 0.0
    /// How differently a site responds to orientations: the standard deviation of their weights.
    public var orientationSelectivity = 0.2
    /// How fast the variance that a component of the images explains in higher regions falls with its rank: its amplitude
    /// is rank to the power of minus this.
    public var spectrumExponent = 0.5
    /// The share of the variance of higher regions that depends on the category alone.
    public var categoryShare = 0.3

    /// The defaults.
    public init() {}

    static var fields: [SettingsField<Self>] {
        [
            .value("siteSpacing", \.siteSpacing, .number(1...20)),
            .value("signalChange", \.signalChange, .number(0...50)),
            .value("pointSpread", \.pointSpread, .number(0.5...20)),
            .value("peakTime", \.peakTime, .number(2.5...8)),
            .value("peakTimeDeviation", \.peakTimeDeviation, .number(0...3)),
            .optional("responses", \.responses, .path),
            .value("responseInterval", \.responseInterval, .number(0.01...10)),
            .value("surfaceShare", \.surfaceShare, .number(0...1)),
            .value("luminanceShare", \.luminanceShare, .number(0...1)),
            .value("orientationSelectivity", \.orientationSelectivity, .number(0...2)),
            .value("spectrumExponent", \.spectrumExponent, .number(0...4)),
            .value("categoryShare", \.categoryShare, .number(0...1)),
        ]
    }
}
