public import HTTPCore

/// What a client prefers (RFC 7240).
public enum Preference {
    /// The longest time a call waits, in seconds.
    public static let maximumWait = 30

    /// The seconds of `Prefer: wait=<seconds>`, at most 30; nil when there is none.
    public static func wait(_ fields: HTTPFields) -> Int? {
        for member in fields.listMembers(of: .prefer) {
            let parts = member.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\"" } }
            guard parts.count == 2, parts[0].lowercased() == "wait", let seconds = Int(parts[1]), seconds >= 0 else {
                continue
            }
            return min(seconds, maximumWait)
        }
        return nil
    }
}
