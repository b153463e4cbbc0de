/// The luminance of a colour, on the scale of its parts (ITU-R BT.601).
public func luminance(red: Float, green: Float, blue: Float) -> Float {
    0.299 * red + 0.587 * green + 0.114 * blue
}
