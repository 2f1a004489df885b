import HTTPCore
import ServiceKit

/// Who may connect, and how fast.
struct ChatConfiguration: Sendable {
    /// The pages that may open a socket; programs that are no browser send no origin.
    let origins: Set<String>
    /// Frames of one socket in a minute, and at once.
    let framesPerMinute: Int
    /// Sockets and streams of one person at this process.
    let socketsPerUser: Int

    init(_ reader: inout ConfigurationReader, publicURL: String) {
        let named = reader.list("CHAT_ORIGINS", of: "http://host or https://host") { text in
            (text.hasPrefix("http://") || text.hasPrefix("https://")) && !text.hasSuffix("/") ? text : nil
        }
        let parts = publicURL.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        origins = Set(named + [parts.prefix(3).joined(separator: "/")])
        framesPerMinute = reader.integer("CHAT_FRAMES_PER_MINUTE", default: 600, in: 1...100_000_000)
        socketsPerUser = reader.integer("CHAT_SOCKETS_PER_USER", default: 100, in: 1...100_000)
    }
}
