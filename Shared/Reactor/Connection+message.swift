import Glibc

extension Connection {
    /// Memory that is taken before any byte of a message has come.
    private static let roomAhead = 1 << 20

    /// The next `count` bytes as an array of their own, those in `input` first, the rest straight from the socket: for a
    /// message whose length is known, without copies between. Nil when the stream ended before. `timeout` is for one pause.
    ///
    /// A sender's word takes a mebibyte at most: beyond it memory grows with the bytes that have come.
    public func read(exactly count: Int, timeout: Duration) async throws -> [UInt8]? {
        var message: [UInt8] = []
        message.reserveCapacity(min(count, Self.roomAhead))
        message += input.slice.prefix(count)
        input.consume(message.count)
        while message.count < count {
            if registration.reading.isReady, let received = try receive(into: &message, upTo: count) {
                guard received > 0 else { return nil }
                if spend(received) { try await loop.yield() }
            } else {
                try check(await registration.waitToRead(until: loop.deadline(after: timeout), isIdle: false))
            }
        }
        return message
    }

    /// One read to the end of a message: nil when it would block.
    private func receive(into message: inout [UInt8], upTo count: Int) throws -> Int? {
        guard !registration.isClosed else { throw ConnectionError.closed }
        let descriptor = registration.descriptor
        let room = min(count - message.count, max(message.capacity - message.count, message.count))
        return try received {
            var result = -1
            message.append(addingCapacity: room) { output in
                unsafe output.withUnsafeMutableBufferPointer { free, filled in
                    result = unsafe recv(descriptor, free.baseAddress! + filled, room, 0)
                    filled += max(0, result)
                }
            }
            return (result, result == room)
        }
    }
}
