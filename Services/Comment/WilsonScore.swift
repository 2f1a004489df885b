/// How sure one can be that people like something: the lower bound of the Wilson score interval. Few votes say little, so
/// two likes of two come after ninety of a hundred.
enum WilsonScore {
    /// The quantile of a one-sided confidence of 90 % (80 % two-sided).
    static let quantile = 1.2815515655446004

    /// From 0 to 1; 0 without votes.
    static func lowerBound(positive: Int64, total: Int64) -> Double {
        guard total > 0, positive > 0 else { return 0 }
        let (n, square) = (Double(total), quantile * quantile)
        let share = Double(min(positive, total)) / n
        let centre = share + square / (2 * n)
        let margin = quantile * ((share * (1 - share) + square / (4 * n)) / n).squareRoot()
        return max(0, (centre - margin) / (1 + square / n))
    }
}
