import Synchronization
import Testing

@testable import Outbound

@Suite struct ExchangeTests {
    private func bring(_ count: Int, to exchange: Exchange) -> Bool {
        unsafe [UInt8](repeating: 1, count: count).withUnsafeBytes { unsafe exchange.receive($0) }
    }

    @Test func `what is not taken holds the sender up until it is taken`() async throws {
        let exchange = Exchange()
        let resumed = Mutex(0)
        #expect(bring(Exchange.bufferLimit, to: exchange))
        #expect(!bring(1, to: exchange), "there is no room")
        let first = try await exchange.next { resumed.withLock { $0 += 1 } }
        #expect(first?.count == Exchange.bufferLimit)
        #expect(resumed.withLock(\.self) == 1)
        #expect(bring(1, to: exchange))
        exchange.finish(.success(()))
        #expect(try await exchange.next { resumed.withLock { $0 += 1 } } == [1])
        #expect(try await exchange.next {} == nil)
        #expect(resumed.withLock(\.self) == 1)
    }

    @Test func `what came before a break is handed over, then the break`() async throws {
        let exchange = Exchange()
        #expect(bring(3, to: exchange))
        let error = OutboundError(.unreachable, "cut")
        exchange.finish(.failure(error))
        #expect(try await exchange.next {} == [1, 1, 1])
        await #expect(throws: error) { try await exchange.next {} }
        await #expect(throws: error) { try await exchange.head() }
    }

    @Test func `who waits for a head that never comes hears of the end`() async throws {
        let exchange = Exchange()
        async let head = exchange.head()
        exchange.finish(.success(()))
        let answer = try await head
        #expect(answer?.status == nil)
    }
}
