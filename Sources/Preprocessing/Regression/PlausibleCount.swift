extension Int {
    /// Whether it can be a number of volumes or trials; one more never overflows.
    var isPlausibleCount: Bool { self >= 0 && self <= 1 << 40 }
}
