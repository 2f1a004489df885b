public import Reactor

/// Passes bytes between two connections of one loop, both ways, without looking at them.
public enum Tunnel {
    /// Relays until either side ends or breaks, or nothing has passed for `idleTimeout`, then closes both. What one side
    /// has sent is passed on first; each side is read only as fast as the other takes it. On the loop of both.
    public static func relay(_ first: Connection, _ second: Connection, idleTimeout: Duration) async {
        let loop = first.loop
        let pair = LoopBound((first, second), to: loop)
        defer {
            first.close()
            second.close()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: loop) {
                await pass(from: pair.value.0, to: pair.value.1, idleTimeout)
            }
            group.addTask(executorPreference: loop) {
                await pass(from: pair.value.1, to: pair.value.0, idleTimeout)
            }
            await group.next()
            group.cancelAll()
        }
    }

    private static func pass(from source: Connection, to sink: Connection, _ idleTimeout: Duration) async {
        do {
            while true {
                let bytes = source.input.take(source.input.count)
                if !bytes.isEmpty {
                    try await sink.write(bytes, until: source.loop.deadline(after: idleTimeout))
                }
                let deadline = source.loop.deadline(after: idleTimeout)
                guard try await source.fill(until: deadline) else { return }
            }
        } catch {
            // Broken, timed out or cancelled: the tunnel ends either way.
        }
    }
}
