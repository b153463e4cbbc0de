/// Rows and columns of zeros around an image.
public struct Padding: Sendable, Hashable {
    /// Rows or columns on each side.
    public var top, left, bottom, right: Int

    /// Padding by side.
    public init(top: Int, left: Int, bottom: Int, right: Int) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }

    /// The same on all sides.
    public init(_ all: Int) {
        self.init(top: all, left: all, bottom: all, right: all)
    }
}

/// How the square window of a convolution moves over an image.
public struct ConvolutionGeometry: Sendable, Hashable {
    /// Height and width of the window.
    public var kernel: Int
    /// The distance between windows.
    public var stride: Int
    /// Zeros around the image.
    public var padding: Padding

    /// A window of `kernel`×`kernel` pixels.
    public init(kernel: Int, stride: Int = 1, padding: Padding) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    /// Height and width of the result for an image of the given size.
    public func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
        (
            (height + padding.top + padding.bottom - kernel) / stride + 1,
            (width + padding.left + padding.right - kernel) / stride + 1
        )
    }
}
