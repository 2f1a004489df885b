import HTTPCore
import HTTPTransport
import Reactor

/// Carries bytes both ways between a client and a service after both have switched protocols. On their loop.
enum WebSocketTunnel {
    /// Silence in both directions after which the tunnel ends; services ask every 25 s.
    static let idleTimeout = Duration.seconds(90)
    static let writeTimeout = Duration.seconds(10)

    /// How long the other side has to end after the first, so that what was written last, such as a close frame and its
    /// answer, gets through.
    static let closeTimeout = Duration.seconds(1)

    /// Runs until both sides have ended, or one and its time is up; then both are closed.
    static func run(_ client: Connection, _ service: Connection) async {
        let loop = client.loop
        let (boundClient, boundService) = (LoopBound(client, to: loop), LoopBound(service, to: loop))
        await withTaskGroup { group in
            group.addTask(executorPreference: loop) {
                await copy(from: boundClient.value, to: boundService.value, endsInDrain: true)
            }
            group.addTask(executorPreference: loop) {
                await copy(from: boundService.value, to: boundClient.value, endsInDrain: false)
            }
            await group.next()
            // A connection has one reader: the second copy goes on, with a limit now.
            group.addTask(executorPreference: loop) { try? await loop.sleep(for: closeTimeout) }
            await group.next()
            service.close()
            client.close()
            group.cancelAll()
        }
    }

    private static func copy(from source: Connection, to target: Connection, endsInDrain: Bool) async {
        do {
            while true {
                if !source.input.isEmpty {
                    let bytes = source.input.take(source.input.count)
                    try await target.write(bytes, until: target.loop.deadline(after: writeTimeout))
                }
                let deadline = source.loop.deadline(after: idleTimeout)
                guard try await source.fill(until: deadline, isIdle: endsInDrain) else { break }
            }
        } catch {
            // Broken, silent or draining: the tunnel ends, which is all there is to tell.
        }
        target.shutdownWrite()
    }
}
