/// What a service's process is started for: the words of its command line.
enum ServiceMode: String, Sendable {
    /// No word: to serve.
    case serve = ""
    /// To serve on another cluster than the one of the stored offsets, after a drained stop.
    case adoptCluster = "--adopt-cluster"
    /// To build the projections anew from the log, and end.
    case rebuild = "--rebuild"

    init(arguments: some Collection<String>) throws(ConfigurationError) {
        guard arguments.count <= 1, let mode = ServiceMode(rawValue: arguments.first ?? "") else {
            throw ConfigurationError(
                problems: ["\(arguments.joined(separator: " ")) is not known; --adopt-cluster or --rebuild are"]
            )
        }
        self = mode
    }
}
