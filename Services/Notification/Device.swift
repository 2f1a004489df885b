/// What somebody logs in from: browser and system, on a network. Known by its first log-in.
struct Device: Sendable, Equatable {
    /// Devices remembered of one person; the one seen longest ago goes.
    static let limit = 100

    /// `Firefox, Linux`, of words of ours: what a client calls itself is not repeated in mails.
    let name: String
    /// /24 or /48.
    let network: String

    /// The device that a log-in names.
    init(userAgent: String, network: String) {
        let browser = Self.browsers.first { userAgent.contains($0.mark) }?.name
        let system = Self.systems.first { userAgent.contains($0.mark) }?.name
        name = [browser, system].compactMap(\.self).joined(separator: ", ")
        self.network = network
    }

    // Order matters: Edge calls itself Chrome too, Chrome calls itself Safari, Android calls itself Linux.
    private static let browsers: [(mark: String, name: String)] = [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
    ]
    private static let systems: [(mark: String, name: String)] = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]
}
