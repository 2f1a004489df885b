import Testing

@testable import EventBus

@Suite struct FeedProgressTests {
    private let one = EventPosition.Partition(topic: "t", partition: 1)
    private let two = EventPosition.Partition(topic: "t", partition: 2)

    @Test func `a feed is whole at the instant of asking, once all partitions are read up to their ends of then`() {
        var progress = FeedProgress(from: [one: 5, two: 0])
        #expect(progress.caughtUp == nil)
        progress.ask(at: 100, ends: [one: 5, two: 3])
        #expect(progress.caughtUp == nil)
        progress.handled(two, before: 3)
        #expect(progress.caughtUp == 100)
    }

    @Test func `a feed that is always behind the last end is whole up to an earlier one`() {
        var progress = FeedProgress(from: [one: 0])
        progress.ask(at: 100, ends: [one: 10])
        progress.handled(one, before: 9)
        progress.ask(at: 200, ends: [one: 20])
        progress.handled(one, before: 12)
        #expect(progress.caughtUp == 100)
        progress.ask(at: 300, ends: [one: 30])
        progress.handled(one, before: 30)
        #expect(progress.caughtUp == 300)
    }

    @Test func `an empty log is whole at once`() {
        var progress = FeedProgress(from: [one: 0])
        progress.ask(at: 7, ends: [one: 0])
        #expect(progress.caughtUp == 7)
    }
}
