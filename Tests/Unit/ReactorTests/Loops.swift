import Reactor

/// Runs a test on the first loop of a fresh group and ends the group after it.
func withLoops<Result: Sendable>(
    _ count: Int = 1,
    _ body: @escaping @Sendable (EventLoopGroup) async throws -> Result
) async throws -> Result {
    let group = try EventLoopGroup(count: count)
    defer { group.shutdown() }
    return try await group.loops[0].run { try await body(group) }
}

/// Starts a listener on a free port of 127.0.0.1, runs `body` with its address, then stops it.
func withServer(
    _ group: EventLoopGroup,
    connectionLimit: Int = 100,
    grace: Duration = .seconds(5),
    handler: @escaping @Sendable (Connection) async -> Void,
    _ body: (Listener) async throws -> Void
) async throws {
    guard let address = SocketAddress(host: "127.0.0.1", port: 0) else { return }
    let listener = try Listener(address, on: group, connectionLimit: connectionLimit)
    let running = Task(executorPreference: group.loops[0]) { await listener.run(grace: grace, handler) }
    do {
        try await body(listener)
    } catch {
        listener.stop()
        await running.value
        throw error
    }
    listener.stop()
    await running.value
}

/// Answers with what it was sent until the peer ends.
@Sendable func echo(_ connection: Connection) async {
    do {
        while try await connection.fill(until: .after(.seconds(5)), isIdle: true) {
            let bytes = connection.input.take(connection.input.count)
            try await connection.write(bytes, until: .after(.seconds(5)))
        }
    } catch {
        // Timed out, reset or drained: the connection ends.
    }
}
