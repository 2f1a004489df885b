import Testing

@testable import CommentService

struct WilsonScoreTests {
    @Test func `few votes say little`() {
        #expect(WilsonScore.lowerBound(positive: 0, total: 0) == 0)
        #expect(WilsonScore.lowerBound(positive: 0, total: 9) == 0)
        let few = WilsonScore.lowerBound(positive: 2, total: 2)
        let many = WilsonScore.lowerBound(positive: 90, total: 100)
        #expect(many > few)
        #expect(WilsonScore.lowerBound(positive: 3, total: 3) > few)
    }

    /// By statsmodels: `proportion_confint(count, n, alpha=0.2, method='wilson')[0]`.
    @Test(arguments: [(1, 1, 0.378_448), (2, 2, 0.549_092), (90, 100, 0.854_858), (10, 20, 0.362_262)])
    func `the bound is the interval's`(positive: Int64, total: Int64, bound: Double) {
        #expect(abs(WilsonScore.lowerBound(positive: positive, total: total) - bound) < 1e-5)
    }
}
