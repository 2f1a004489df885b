import Contracts
import ServiceKit
import System
import Testing

@testable import BatchUploadService

struct BatchTests {
    private let now = Timestamp(milliseconds: 1_742_378_400_000)
    private let id = Identifier.version7(at: Timestamp(milliseconds: 1_742_378_400_000))

    private func batch(_ sizes: [Int64], partSize: Int64 = 10) -> (Batch, [BatchFile]) {
        let batch = Batch(
            id: id,
            ownerID: id,
            visibility: .public,
            counts: BatchCounts(total: sizes.count, received: 0, ready: 0, failed: 0),
            totalSize: sizes.reduce(0, +),
            partSize: partSize,
            createdAt: now,
            expiresAt: now.adding(seconds: 60)
        )
        let files = sizes.enumerated().map { index, size in
            BatchFile(
                batchID: id,
                index: index,
                name: "\(index)",
                size: size,
                contentType: "image/png",
                announced: nil
            )
        }
        return (batch, files)
    }

    /// For changes of a batch, which the macro cannot take apart.
    private func expect(_ isSo: Bool, _ place: SourceLocation = #_sourceLocation) {
        #expect(isSo, sourceLocation: place)
    }

    private let failure = BatchFile.Failure(reason: .damaged, detail: "")

    @Test func `a batch is complete when each of its files is ready or has failed`() {
        var (batch, files) = batch([25, 0])
        expect(!batch.receive(parts: 1, bytes: 10, of: &files[0]))
        expect(batch.open() && !batch.open())
        expect(batch.receive(parts: 2, bytes: 20, of: &files[0]))
        #expect(files[0].state == .receiving && batch.counts.received == 0)
        expect(batch.receive(parts: 1, bytes: 5, of: &files[0]))
        #expect(files[0].state == .received && batch.counts.received == 1 && batch.receivedBytes == 25)
        expect(!batch.receive(parts: 1, bytes: 5, of: &files[0]))
        expect(batch.store(&files[0]) && !batch.store(&files[0]))
        expect(batch.finish(&files[0], as: id) && !batch.finish(&files[0], as: id))
        expect(!batch.settle(at: now))
        expect(batch.complete() && !batch.complete())
        expect(!batch.receive(parts: 1, bytes: 0, of: &files[1]))
        expect(!batch.settle(at: now))
        expect(batch.fail(&files[1], failure) && !batch.fail(&files[1], failure))
        expect(batch.settle(at: now) && !batch.settle(at: now))
        #expect(batch.state == .completed && batch.endedAt == now)
        #expect(batch.counts == BatchCounts(total: 2, received: 1, ready: 1, failed: 1))
    }

    @Test func `a batch of which nothing is ready has failed`() {
        var (batch, files) = batch([1])
        expect(batch.open() && batch.complete() && batch.fail(&files[0], failure) && batch.settle(at: now))
        #expect(batch.state == .failed && batch.reason == .nothingReady)
    }

    @Test func `a batch that has ended stays as it is`() {
        for end in [Batch.State.cancelled, .expired, .failed] {
            var (batch, files) = batch([1])
            expect(batch.open() && batch.receive(parts: 1, bytes: 1, of: &files[0]) && batch.end(end, at: now))
            let ended = batch
            expect(!batch.open() && !batch.complete() && !batch.end(.cancelled, at: now) && !batch.settle(at: now))
            expect(!batch.store(&files[0]) && !batch.fail(&files[0], failure) && !batch.finish(&files[0], as: id))
            #expect(batch == ended)
        }
    }

    @Test func `an item that goes before the end takes its file out of the ready ones`() {
        var (batch, files) = batch([1])
        expect(batch.open() && batch.receive(parts: 1, bytes: 1, of: &files[0]) && batch.store(&files[0]))
        expect(batch.finish(&files[0], as: id) && batch.fail(&files[0], failure))
        #expect(batch.counts == BatchCounts(total: 1, received: 1, ready: 0, failed: 1))
    }

    @Test(
        arguments: [(0, 1, 0, 0), (1, 1, 1, 1), (10, 1, 10, 10), (11, 2, 10, 1), (30, 3, 10, 10)]
            as [(Int64, Int, Int, Int)]
    )
    func `a file is cut into parts`(size: Int64, count: Int, first: Int, last: Int) {
        let layout = PartLayout(size: size, partSize: 10)
        #expect(layout.count == count)
        #expect(layout.range(of: 0).count == first && layout.range(of: count - 1).count == last)
        #expect(layout.range(of: 0..<count) == 0..<size)
    }
}
