import Reactor
import Synchronization

/// Tells open streams which buckets have changed. Any thread.
final class MetricFeed: Sendable {
    /// Changed buckets a stream remembers; of more it is told everything anew.
    static let changesLimit = 500

    /// A stream's part: what has changed since it looked last.
    final class Subscription: Sendable {
        let woken = Waiter<Void>()
        fileprivate let series: Int64
        fileprivate let span: Int64
        private let starts = Mutex<Set<Int64>>([])

        fileprivate init(_ query: MetricQuery) {
            series = Series(query.metric, query.dimension).number
            span = query.span.rawValue
        }

        fileprivate func note(_ start: Int64) {
            starts.withLock { if $0.count <= changesLimit { $0.insert(start) } }
            woken.resume(.success(()))
        }

        /// The starts of the buckets that have changed, in order.
        func take() -> [Int64] {
            starts.withLock { starts in
                defer { starts = [] }
                return starts.sorted()
            }
        }
    }

    private let subscriptions = Mutex<[ObjectIdentifier: Subscription]>([:])

    /// Tells of changes from now on until `unsubscribe`.
    func subscribe(_ query: MetricQuery) -> Subscription {
        let subscription = Subscription(query)
        subscriptions.withLock { $0[ObjectIdentifier(subscription)] = subscription }
        return subscription
    }

    func unsubscribe(_ subscription: Subscription) {
        subscriptions.withLock { $0[ObjectIdentifier(subscription)] = nil }
    }

    /// After a commit.
    func changed(_ buckets: [Bucket]) {
        let open = subscriptions.withLock { Array($0.values) }
        guard !open.isEmpty else { return }
        for bucket in buckets {
            for subscription in open where subscription.series == bucket.series && subscription.span == bucket.span {
                subscription.note(bucket.start)
            }
        }
    }
}
