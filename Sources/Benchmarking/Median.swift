extension Collection<Double> {
    /// The middle value, or the mean of the two middle ones; nan of an empty collection.
    public var median: Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}
