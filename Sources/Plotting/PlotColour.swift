/// A colour of a chart, red, green and blue from 0 to 255.
public struct PlotColour: Sendable, Equatable {
    /// How much red.
    public let red: UInt8
    /// How much green.
    public let green: UInt8
    /// How much blue.
    public let blue: UInt8

    /// Mixes a colour.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// The colours of series that have none of their own, told apart by the colour-blind too: those of Okabe and Ito
    /// (2008) without yellow.
    public static let palette = [
        PlotColour(0, 114, 178), PlotColour(213, 94, 0), PlotColour(0, 158, 115), PlotColour(204, 121, 167),
        PlotColour(230, 159, 0), PlotColour(86, 180, 233), PlotColour(90, 90, 90),
    ]

    /// Flags and limits.
    public static let warning = PlotColour(200, 30, 30)

    static let white = PlotColour(255, 255, 255)
    static let text = PlotColour(40, 40, 40)
    static let frame = PlotColour(120, 120, 120)
    static let grid = PlotColour(228, 228, 228)
}
