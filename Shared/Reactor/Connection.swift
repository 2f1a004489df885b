import Glibc
import System

/// A stream socket of one event loop, used by the tasks of that loop: at most one reads and one writes at a time.
///
/// Every wait has a deadline. Reads and writes are tried at once and suspend only when the kernel would block; memory for
/// input is taken when bytes come and given back when all were consumed and the connection waits again.
/// Not Sendable: to share it between tasks of its loop, bind it with `LoopBound`.
public final class Connection {
    /// The loop it belongs to.
    public let loop: EventLoop
    /// The peer.
    public let remoteAddress: SocketAddress
    /// The address of this side, which for an accepted connection is the one that the peer connected to; nil once it is closed.
    public var localAddress: SocketAddress? {
        // The kernel refuses for a closed descriptor only.
        registration.isClosed ? nil : try? Socket.localAddress(registration.descriptor)
    }
    /// Bytes read and not yet consumed. Consume before filling again.
    public var input = ByteBuffer()
    /// Bytes read from the socket so far.
    public private(set) var receivedBytes: UInt64 = 0
    /// Bytes that the kernel has taken so far.
    public private(set) var sentBytes: UInt64 = 0
    let registration: Registration
    private var turn: UInt64 = 0
    private var movedInTurn = 0

    /// Takes over an open, non-blocking socket. On the loop.
    init(_ descriptor: Int32, _ remoteAddress: SocketAddress, loop: EventLoop, owner: Listener?) throws {
        self.loop = loop
        self.remoteAddress = remoteAddress
        registration = try loop.register(descriptor, owner: owner)
    }

    deinit {
        // A connection dropped without `close` on its loop; elsewhere only a loop that has ended drops any.
        if loop.isCurrent { close() }
    }

    /// Whether the peer has closed its side or the connection broke, as far as the loop has heard.
    public var isHungUp: Bool { registration.isHungUp }

    /// Whether `close` was called.
    public var isClosed: Bool { registration.isClosed }

    /// Whether the listener that accepted it is being drained: finish what is under way and close.
    public var isDraining: Bool { registration.owner?.isDraining ?? false }

    /// Called once, on the loop, when the peer hangs up: to stop work nobody waits for. It must not suspend or block.
    public func onHangup(_ body: (() -> Void)?) {
        registration.onHangup = body
    }

    /// Called once, on the loop, when the listener that accepted it begins to drain; at once when it drains already. It must
    /// not suspend or block.
    public func onDrain(_ body: (() -> Void)?) {
        registration.onDrain = body
        if isDraining { body?() }
    }

    // MARK: Reading

    /// Reads more bytes into `input`; false at the end of the stream.
    ///
    /// `isIdle` says that nothing is under way, so that a drain may end the wait with `ConnectionError.draining`. When more
    /// than the usual is `expecting`ed, one read can bring that many bytes.
    public func fill(until deadline: Deadline, isIdle: Bool = false, expecting: Int = 1) async throws -> Bool {
        try await fill(room: input.isEmpty ? max(1, expecting) : 1, until: deadline, isIdle: isIdle)
    }

    /// Reads until `input` holds at least `count` bytes; false when the stream ended before.
    public func fill(toHold count: Int, until deadline: Deadline) async throws -> Bool {
        while input.count < count {
            guard try await fill(room: count - input.count, until: deadline, isIdle: false) else { return false }
        }
        return true
    }

    private func fill(room: Int, until deadline: Deadline, isIdle: Bool) async throws -> Bool {
        while true {
            if registration.reading.isReady, let count = try receive(room) {
                if spend(count) { try await loop.yield() }
                return count > 0
            }
            if input.isEmpty { giveBufferBack() }
            try check(await registration.waitToRead(until: deadline, isIdle: isIdle))
        }
    }

    /// One read: nil when it would block.
    private func receive(_ room: Int) throws -> Int? {
        guard !registration.isClosed else { throw ConnectionError.closed }
        if input.isEmpty, input.bytes.count < room {
            giveBufferBack()
            input = ByteBuffer(storage: loop.own.buffers.take(minimum: room))
        }
        let descriptor = registration.descriptor
        return try received {
            unsafe input.fill(reserving: room) { free in
                let count = unsafe recv(descriptor, free.baseAddress, free.count, 0)
                return (count, count == free.count)
            }
        }
    }

    /// What a call that reads has brought about: how many bytes it read, and whether it could not have read more.
    func received(_ read: () -> (count: Int, isFull: Bool)) throws -> Int? {
        while true {
            let (count, isFull) = read()
            if count >= 0 {
                // Less than asked for means the socket is empty (epoll(7)), unless its end is still to be read.
                if !isFull, !registration.isHungUp { registration.reading.isReady = false }
                receivedBytes += UInt64(count)
                return count
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK:
                registration.reading.isReady = false
                return nil
            default: throw ConnectionError.failed(SystemError.last("recv", remoteAddress.description))
            }
        }
    }

    private func giveBufferBack() {
        guard !input.bytes.isEmpty else { return }
        loop.own.buffers.give(input.releaseStorage())
    }

    // MARK: Writing

    /// Writes all bytes.
    public func write(_ bytes: [UInt8], until deadline: Deadline) async throws {
        var offset = 0
        while offset < bytes.count {
            if registration.writing.isReady, let count = try send(bytes, from: offset) {
                offset += count
                sentBytes += UInt64(count)
                if spend(count) { try await loop.yield() }
            } else {
                try check(await registration.waitToWrite(until: deadline))
            }
        }
    }

    /// Writes two arrays, such as head and body, with one system call when the socket takes them.
    public func write(_ first: [UInt8], _ second: [UInt8], until deadline: Deadline) async throws {
        try await write([first[...], second[...]], until: deadline)
    }

    /// Writes all slices in order, up to sixteen with one system call.
    public func write(_ slices: [ArraySlice<UInt8>], until deadline: Deadline) async throws {
        var index = 0
        // Bytes of slices[index] that are written.
        var offset = 0
        while true {
            while index < slices.count, offset == slices[index].count { (index, offset) = (index + 1, 0) }
            guard index < slices.count else { return }
            if registration.writing.isReady, let count = try send(slices, from: index, offset) {
                offset += count
                sentBytes += UInt64(count)
                while index < slices.count, offset >= slices[index].count {
                    offset -= slices[index].count
                    index += 1
                }
                if spend(count) { try await loop.yield() }
            } else {
                try check(await registration.waitToWrite(until: deadline))
            }
        }
    }

    /// One write: nil when it would block.
    private func send(_ bytes: [UInt8], from offset: Int) throws -> Int? {
        try sent {
            unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.send(
                    registration.descriptor,
                    raw.baseAddress! + offset,
                    raw.count - offset,
                    Int32(MSG_NOSIGNAL)
                )
            }
        }
    }

    /// One write of several: nil when it would block.
    private func send(_ slices: [ArraySlice<UInt8>], from index: Int, _ offset: Int) throws -> Int? {
        try sent {
            unsafe IOVectors.with(slices, from: index, offset: offset) { vectors, total in
                var message = unsafe msghdr()
                unsafe message.msg_iov = vectors.baseAddress
                unsafe message.msg_iovlen = vectors.count
                return unsafe sendmsg(registration.descriptor, &message, Int32(MSG_NOSIGNAL))
            }
        }
    }

    /// What a call that writes has brought about.
    private func sent(_ write: () -> Int) throws -> Int? {
        guard !registration.isClosed else { throw ConnectionError.closed }
        while true {
            let count = write()
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK:
                registration.writing.isReady = false
                return nil
            default: throw ConnectionError.failed(SystemError.last("send", remoteAddress.description))
            }
        }
    }

    // MARK: Ending

    /// Tells the peer that nothing more will be written; reading goes on.
    public func shutdownWrite() {
        guard !registration.isClosed else { return }
        shutdown(registration.descriptor, Int32(SHUT_WR))
    }

    /// Closes the socket at once; a task that waits on it gets `ConnectionError.closed`. Further calls do nothing.
    public func close() {
        guard !registration.isClosed else { return }
        giveBufferBack()
        registration.close()
    }

    /// Closes so that the peer can read what was written last: ends the writing side, then drops input until the peer
    /// closes or the deadline comes (RFC 9112 section 9.6: an immediate close could erase the response).
    public func lingeringClose(until deadline: Deadline) async {
        shutdownWrite()
        defer { close() }
        do {
            repeat { input.consumeAll() } while try await fill(until: deadline)
        } catch {
            // Whatever went wrong, the connection ends here.
        }
    }

    /// Whether an idle connection may be used again: nothing has arrived and the peer has not hung up.
    public var isQuiet: Bool {
        guard !isClosed, !isHungUp, input.isEmpty else { return false }
        // Drained before, and no event since: as far as the loop has heard.
        guard registration.reading.isReady else { return true }
        var byte: UInt8 = 0
        let count = unsafe recv(registration.descriptor, &byte, 1, Int32(MSG_PEEK))
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    }

    /// Waits until a connection attempt has ended.
    func waitForConnect(until deadline: Deadline) async throws {
        registration.writing.isReady = false
        try check(await registration.waitToWrite(until: deadline))
        let code = Socket.pendingError(registration.descriptor)
        guard code == 0 else {
            throw ConnectionError.failed(
                SystemError(operation: "connect", subject: remoteAddress.description, code: code)
            )
        }
    }

    func check(_ readiness: Readiness) throws {
        switch readiness {
        case .ready: break
        case .timedOut: throw ConnectionError.timedOut
        case .draining: throw ConnectionError.draining
        case .closed: throw ConnectionError.closed
        }
    }

    /// Whether the connection has moved its share: others are to have their turn.
    func spend(_ count: Int) -> Bool {
        let present = loop.own.turn
        if present != turn { (turn, movedInTurn) = (present, 0) }
        movedInTurn += count
        return movedInTurn >= EventLoop.bytesPerTurn
    }
}
