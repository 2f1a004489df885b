import Reactor
import Testing

@Suite struct ConnectionTests {
    @Test(arguments: [1, 2]) func `an echo server answers many connections`(loops: Int) async throws {
        try await withLoops(loops) { group in
            let loop = group.loops[0]
            try await withServer(group, handler: echo) { listener in
                try await withThrowingDiscardingTaskGroup { tasks in
                    for number in UInt8(0)..<40 {
                        tasks.addTask(executorPreference: loop) {
                            let deadline = Deadline.after(.seconds(5))
                            let client = try await Connection.connect(to: listener.address, on: loop, until: deadline)
                            defer { client.close() }
                            for round in UInt8(0)..<10 {
                                try await client.write([number], [round], until: deadline)
                                let hasAnswer = try await client.fill(toHold: 2, until: deadline)
                                #expect(hasAnswer)
                                #expect(client.input.take(2) == [number, round])
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func `megabytes pass in both directions at once and end with a half close`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            try await withServer(group, handler: echo) { listener in
                let deadline = Deadline.after(.seconds(20))
                let client = try await Connection.connect(to: listener.address, on: loop, until: deadline)
                defer { client.close() }
                let shared = LoopBound(client, to: loop)
                let sent = (0..<8 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let writer = Task(executorPreference: loop) {
                    try await shared.value.write(sent, until: deadline)
                    shared.value.shutdownWrite()
                }
                var received: [UInt8] = []
                while try await client.fill(until: deadline) {
                    received += client.input.take(client.input.count)
                }
                try await writer.value
                #expect(received == sent)
            }
        }
    }

    @Test func `messages of known length come whole, whatever their size, and one that is cut off does not`()
        async throws
    {
        try await withLoops { group in
            let loop = group.loops[0]
            try await withServer(group, handler: echo) { listener in
                let deadline = Deadline.after(.seconds(20))
                let client = try await Connection.connect(to: listener.address, on: loop, until: deadline)
                defer { client.close() }
                let shared = LoopBound(client, to: loop)
                let sizes = [3, 100_000, 1, 3 << 20, 20_000]
                let writer = Task(executorPreference: loop) {
                    for (index, size) in sizes.enumerated() {
                        try await shared.value.write([UInt8](repeating: UInt8(index), count: size), until: deadline)
                    }
                    shared.value.shutdownWrite()
                }
                for (index, size) in sizes.enumerated() {
                    let message = try await client.read(exactly: size, timeout: .seconds(10))
                    #expect(message == [UInt8](repeating: UInt8(index), count: size))
                }
                try await writer.value
                let cut = try await client.read(exactly: 1, timeout: .seconds(10))
                #expect(cut == nil)
            }
        }
    }

    @Test func `a silent peer runs into the read deadline`() async throws {
        try await withLoops { group in
            try await withServer(group, handler: echo) { listener in
                let loop = group.loops[0]
                let client = try await Connection.connect(
                    to: listener.address,
                    on: loop,
                    until: .after(.seconds(5))
                )
                defer { client.close() }
                await #expect(throws: ConnectionError.timedOut) {
                    _ = try await client.fill(until: .after(.milliseconds(20)))
                }
            }
        }
    }

    @Test func `a peer that does not read runs into the write deadline`() async throws {
        try await withLoops { group in
            let idle: @Sendable (Connection) async -> Void = { connection in
                try? await connection.loop.sleep(for: .seconds(5))
            }
            try await withServer(group, grace: .milliseconds(10), handler: idle) { listener in
                let client = try await Connection.connect(
                    to: listener.address,
                    on: group.loops[0],
                    until: .after(.seconds(5))
                )
                defer { client.close() }
                let much = [UInt8](repeating: 1, count: 64 << 20)
                await #expect(throws: ConnectionError.timedOut) {
                    try await client.write(much, until: .after(.milliseconds(100)))
                }
            }
        }
    }

    @Test func `nobody listening is a failed connection`() async throws {
        try await withLoops { group in
            let address = try #require(SocketAddress(host: "127.0.0.1", port: 1))
            await #expect(throws: ConnectionError.self) {
                _ = try await Connection.connect(to: address, on: group.loops[0], until: .after(.seconds(5)))
            }
        }
    }

    @Test func `a cancelled task stops waiting for bytes`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            try await withServer(group, handler: echo) { listener in
                let address = listener.address
                let task = Task(executorPreference: loop) {
                    let client = try await Connection.connect(to: address, on: loop, until: .never)
                    defer { client.close() }
                    _ = try await client.fill(until: .never)
                }
                try await loop.sleep(for: .milliseconds(5))
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test func `a hang-up is told to whoever asked`() async throws {
        try await withLoops { group in
            let heard = Waiter<Void>()
            let handler: @Sendable (Connection) async -> Void = { connection in
                connection.onHangup { heard.resume(.success(())) }
                try? await connection.loop.wait(for: heard, until: .after(.seconds(5)))
                #expect(connection.isHungUp)
            }
            try await withServer(group, handler: handler) { listener in
                let loop = group.loops[0]
                let client = try await Connection.connect(to: listener.address, on: loop, until: .never)
                client.close()
            }
        }
    }
}

@Suite struct ListenerTests {
    @Test func `a stop ends idle connections at once and lets busy ones finish`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let release = Waiter<Void>()
            let busy = Waiter<Void>()
            let handler: @Sendable (Connection) async -> Void = { connection in
                do {
                    while try await connection.fill(until: .after(.seconds(5)), isIdle: true) {
                        let isLong = connection.input.take(connection.input.count).first == 1
                        if isLong {
                            busy.resume(.success(()))
                            try await release.wait()
                        }
                        try await connection.write([9], until: .after(.seconds(5)))
                    }
                } catch {
                    // Drained.
                }
            }
            try await withServer(group, handler: handler) { listener in
                let deadline = Deadline.after(.seconds(5))
                let idle = try await Connection.connect(to: listener.address, on: loop, until: deadline)
                let working = try await Connection.connect(to: listener.address, on: loop, until: deadline)
                defer { idle.close() }
                defer { working.close() }
                try await working.write([1], until: deadline)
                try await busy.wait()
                listener.stop()
                let idleIsOpen = try await idle.fill(until: deadline)
                #expect(!idleIsOpen)
                release.resume(.success(()))
                let hasAnswer = try await working.fill(toHold: 1, until: deadline)
                #expect(hasAnswer)
                let workingIsOpen = try await working.fill(until: deadline)
                #expect(!workingIsOpen)
            }
        }
    }

    @Test func `a handler that does not end is cancelled after the grace time`() async throws {
        try await withLoops { group in
            let handler: @Sendable (Connection) async -> Void = { connection in
                await #expect(throws: CancellationError.self) { try await connection.loop.sleep(until: .never) }
            }
            try await withServer(group, grace: .milliseconds(20), handler: handler) { listener in
                let loop = group.loops[0]
                let client = try await Connection.connect(to: listener.address, on: loop, until: .never)
                try await loop.sleep(for: .milliseconds(5))
                listener.stop()
                let isOpen = try await client.fill(until: .after(.seconds(5)))
                #expect(!isOpen)
                client.close()
            }
        }
    }

    @Test func `connections above the limit are closed`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            try await withServer(group, connectionLimit: 1, handler: echo) { listener in
                let deadline = Deadline.after(.seconds(5))
                let first = try await Connection.connect(to: listener.address, on: loop, until: deadline)
                defer { first.close() }
                try await first.write([1], until: deadline)
                let hasAnswer = try await first.fill(until: deadline)
                #expect(hasAnswer)
                let second = try await Connection.connect(to: listener.address, on: loop, until: deadline)
                defer { second.close() }
                let secondIsOpen = try await second.fill(until: deadline)
                #expect(!secondIsOpen)
            }
        }
    }

    @Test func `a taken port is refused even with several loops`() async throws {
        try await withLoops(2) { group in
            let any = try #require(SocketAddress(host: "127.0.0.1", port: 0))
            let first = try Listener(any, on: group)
            #expect(throws: (any Error).self) { try Listener(first.address, on: group) }
        }
    }

    @Test func `a Unix socket serves and is removed`() async throws {
        try await withLoops { group in
            let loop = group.loops[0]
            let path = "/tmp/marquee-reactor-\(Deadline.after(.zero).nanoseconds).sock"
            let listener = try Listener(try #require(SocketAddress(unixPath: path)), on: group)
            let running = Task(executorPreference: loop) { await listener.run(echo) }
            let deadline = Deadline.after(.seconds(5))
            let client = try await Connection.connect(to: listener.address, on: loop, until: deadline)
            try await client.write([7], until: deadline)
            let hasAnswer = try await client.fill(toHold: 1, until: deadline)
            #expect(hasAnswer)
            client.close()
            listener.stop()
            await running.value
        }
    }
}
