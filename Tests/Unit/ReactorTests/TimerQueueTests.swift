import Testing

@testable import Reactor

@Suite struct TimerQueueTests {
    @Test func `a timer moved later fires once, at the later time`() {
        var queue = TimerQueue()
        let timer = LoopTimer {}
        queue.set(timer, Deadline(nanoseconds: 10))
        queue.set(timer, Deadline(nanoseconds: 30))
        #expect(queue.popDue(now: 20) == nil)
        #expect(queue.next == 30)
        #expect(queue.popDue(now: 30) === timer)
        #expect(queue.popDue(now: 100) == nil)
    }

    @Test func `a timer moved earlier fires at the earlier time`() {
        var queue = TimerQueue()
        let timer = LoopTimer {}
        queue.set(timer, Deadline(nanoseconds: 30))
        queue.set(timer, Deadline(nanoseconds: 10))
        #expect(queue.popDue(now: 10) === timer)
        #expect(queue.popDue(now: 100) == nil)
    }

    @Test func `removed timers do not pile up`() {
        var queue = TimerQueue()
        for number in 0..<10_000 {
            let timer = LoopTimer {}
            queue.set(timer, Deadline(nanoseconds: UInt64(1000 + number)))
            queue.remove(timer)
        }
        #expect(queue.count < 200)
        #expect(queue.popDue(now: 100_000) == nil)
    }

    @Test func `timers fire in order`() {
        var queue = TimerQueue()
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            queue.set(LoopTimer {}, Deadline(nanoseconds: UInt64.random(in: 0..<1000, using: &generator)))
        }
        var last: UInt64 = 0
        while queue.next != .max {
            #expect(queue.next >= last)
            last = queue.next
            #expect(queue.popDue(now: last) != nil)
        }
    }
}

@Suite struct ByteBufferTests {
    @Test func `bytes come out in the order they went in, however the buffer moves and grows`() {
        var buffer = ByteBuffer()
        var next: UInt8 = 0
        var expected: UInt8 = 0
        for step in 1..<300 {
            buffer.append(
                (0..<step % 17).map { _ in
                    next &+= 1
                    return next
                }
            )
            for byte in buffer.take(step % 13) {
                expected &+= 1
                #expect(byte == expected)
            }
        }
        #expect(buffer.count == Int(next &- expected) || buffer.count > 255)
    }
}

@Suite struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1", "::1", "2001:db8::1"]) func `numeric hosts are read and written`(host: String) throws
    {
        let address = try #require(SocketAddress(host: host, port: 80))
        #expect(address.host == host)
        #expect(address.isLoopback == (host != "2001:db8::1"))
    }

    @Test func `names are not numeric`() {
        #expect(SocketAddress(host: "example.org", port: 80) == nil)
        #expect(SocketAddress(host: "127.0.0.1", port: 80)?.description == "127.0.0.1:80")
        #expect(SocketAddress(host: "::1", port: 80)?.description == "[::1]:80")
    }
}
