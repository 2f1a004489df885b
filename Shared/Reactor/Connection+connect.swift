import Glibc
import System

extension Connection {
    /// Connects to an address. The connection belongs to the caller's loop; close it when done. On the loop.
    public static func connect(
        to address: SocketAddress,
        on loop: EventLoop,
        until deadline: Deadline
    ) async throws -> Connection {
        let descriptor = try Socket.make(address)
        let result = unsafe address.withRaw { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            let error = SystemError.last("connect", address.description)
            Glibc.close(descriptor)
            throw ConnectionError.failed(error)
        }
        let connection: Connection
        do {
            connection = try Connection(descriptor, address, loop: loop, owner: nil)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        guard result != 0 else { return connection }
        do {
            try await connection.waitForConnect(until: deadline)
        } catch {
            connection.close()
            throw error
        }
        return connection
    }
}
