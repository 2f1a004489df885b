import Glibc
import Synchronization
import System

/// Turns host names into addresses with the system's resolver, on worker threads, and remembers answers for a while.
public final class Resolver: Sendable {
    /// How long an answer is used.
    static let lifetime = Duration.seconds(10)
    /// Names remembered.
    static let capacity = 256

    /// The resolver of this process.
    public static let shared = Resolver()

    private struct Answer {
        let address: SocketAddress
        let expiry: Deadline
    }

    private let answers = Mutex<[String: Answer]>([:])
    private let pool = Mutex<WorkerPool?>(nil)

    private init() {}

    /// The first address of a host, which may be numeric. Any task.
    public func resolve(host: String, port: UInt16) async throws -> SocketAddress {
        if let address = SocketAddress(host: host, port: port) { return address }
        if let known = answers.withLock({ $0[host] }), known.expiry > .after(.zero) {
            return known.address.with(port: port)
        }
        let address = try await workers().run { try Self.lookUp(host) }
        answers.withLock { answers in
            if answers.count >= Self.capacity { answers.removeAll() }
            answers[host] = Answer(address: address, expiry: .after(Self.lifetime))
        }
        return address.with(port: port)
    }

    private func workers() throws -> WorkerPool {
        try pool.withLock { pool in
            if let pool { return pool }
            let made = try WorkerPool(name: "resolver", threads: 1, queueLimit: 256)
            pool = made
            return made
        }
    }

    private static func lookUp(_ host: String) throws -> SocketAddress {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0, let first = unsafe list else {
            throw ConnectionError.unknownHost(host)
        }
        defer { unsafe freeaddrinfo(first) }
        var storage = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &storage) { raw in
            let source = unsafe UnsafeRawBufferPointer(
                start: first.pointee.ai_addr,
                count: Int(first.pointee.ai_addrlen)
            )
            unsafe raw.copyMemory(from: source)
        }
        return SocketAddress(storage)
    }
}
