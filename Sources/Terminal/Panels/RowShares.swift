/// The rows that a panel wants.
struct RowDemand: Equatable {
    /// Fewer are of no use.
    var least: Int
    /// All that matters can be seen.
    var enough: Int
    /// More are of no use.
    var most: Int
}

extension RowDemand {
    /// Divides rows among panels, the most important first: the least of each, then enough, then the most.
    ///
    /// A panel for which too few rows are left gets none.
    static func shares(of rows: Int, _ demands: [RowDemand]) -> [Int] {
        var left = max(0, rows)
        var shares = demands.map { demand in
            guard demand.least <= left else { return 0 }
            left -= demand.least
            return demand.least
        }
        for wish in [\RowDemand.enough, \RowDemand.most] {
            for (place, demand) in demands.enumerated() where shares[place] > 0 {
                let more = min(left, max(0, demand[keyPath: wish] - shares[place]))
                shares[place] += more
                left -= more
            }
        }
        return shares
    }
}
