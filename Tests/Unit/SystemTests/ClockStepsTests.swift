import System
import Testing

@Suite struct ClockStepsTests {
    @Test func `a clock that is set back is noticed once, and one that is set ahead is not`() {
        var steps = ClockSteps()
        func at(_ wall: Int64, _ seconds: UInt64) -> Bool {
            steps.hasGoneBack(Timestamp(milliseconds: wall * 1000), monotonic: seconds * 1_000_000_000)
        }
        #expect([at(100, 0), at(101, 1), at(3702, 2)] == [false, false, false])
        #expect([at(103, 3), at(104, 4)] == [true, false])
    }
}
