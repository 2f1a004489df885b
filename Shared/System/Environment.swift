import Glibc

/// The process's environment variables.
public enum Environment {
    /// The value of one variable; nil when it is not set. Rule: nothing in the process calls `setenv`.
    public static func value(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }

    /// All variables. Read once at start and handed to a configuration.
    public static func all() -> [String: String] {
        var result: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let line = unsafe String(cString: text)
            if let separator = line.firstIndex(of: "=") {
                result[String(line[..<separator])] = String(line[line.index(after: separator)...])
            }
            unsafe entry += 1
        }
        return result
    }
}
