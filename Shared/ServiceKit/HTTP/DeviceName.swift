/// What a client's `User-Agent` says it is, in a few words of ours: what a client calls itself is not repeated to people.
public enum DeviceName {
    /// `Firefox, Linux`; empty when nothing in it is known.
    public static func of(userAgent: String) -> String {
        let browser = browsers.first { userAgent.contains($0.mark) }?.name
        let system = systems.first { userAgent.contains($0.mark) }?.name
        return [browser, system].compactMap(\.self).joined(separator: ", ")
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
