import FoundationEssentials

/// The logs of several services as one stream, each line after the service's name in its own colour. Logs are only
/// appended to; a shorter file than before is a new one.
struct LogFollower {
    private struct Source {
        let prefix: String
        let path: String
        /// Where the first line not yet written begins.
        var offset = 0
    }

    private var sources: [Source]
    private let write: (String) -> Void

    private static let colours = [36, 33, 32, 35, 34, 31, 96, 93, 92, 95, 94, 91]

    /// Begins with the last `tailLines` lines of each log.
    init(
        services: [String],
        workspace: Workspace,
        tailLines: Int,
        isColoured: Bool,
        write: @escaping (String) -> Void
    ) {
        let width = services.map(\.count).max() ?? 0
        sources = services.enumerated().map { index, name in
            let label = name + String(repeating: " ", count: width - name.count) + " | "
            let prefix = isColoured ? "\u{1B}[\(Self.colours[index % Self.colours.count])m\(label)\u{1B}[0m" : label
            let path = workspace.logPath(name)
            return Source(prefix: prefix, path: path, offset: Self.offset(ofLast: tailLines, in: Self.content(path)))
        }
        self.write = write
    }

    /// Writes the whole lines that have come since the last time.
    mutating func poll() {
        for index in sources.indices { poll(&sources[index]) }
    }

    private func poll(_ source: inout Source) {
        let content = Self.content(source.path)
        if content.count < source.offset { source.offset = 0 }
        while let end = content[source.offset...].firstIndex(of: UInt8(ascii: "\n")) {
            write(source.prefix + String(decoding: content[source.offset..<end], as: UTF8.self))
            source.offset = end + 1
        }
    }

    /// Mapped, so that only what is looked at is read; empty when the service has not written yet.
    private static func content(_ path: String) -> Data {
        (try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)) ?? Data()
    }

    private static func offset(ofLast count: Int, in content: Data) -> Int {
        var remaining = count
        for index in content.indices.reversed() where content[index] == UInt8(ascii: "\n") {
            if remaining == 0 { return index + 1 }
            remaining -= 1
        }
        return 0
    }
}
