/// Values of the RateLimit fields (draft-ietf-httpapi-ratelimit-headers, structured fields of RFC 9651).
public enum RateLimitField {
    /// A member of RateLimit-Policy: `"name";q=100;w=60`, quota units in each window of seconds.
    public static func policy(name: String, quota: Int, windowSeconds: Int) -> String {
        string(name) + ";q=" + String(quota) + ";w=" + String(windowSeconds)
    }

    /// A member of RateLimit: `"name";r=50;t=30`, units left and seconds until there are more.
    public static func state(name: String, remaining: Int, resetSeconds: Int) -> String {
        string(name) + ";r=" + String(remaining) + ";t=" + String(resetSeconds)
    }

    /// A structured-field string: visible ASCII in quotes, quotes and backslashes escaped, the rest left out.
    static func string(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != .quote && $0 != 0x5C }) { return "\"" + text + "\"" }
        var output: [UInt8] = [.quote]
        for byte in text.utf8 where byte >= 0x20 && byte < 0x7F {
            if byte == .quote || byte == 0x5C { output.append(0x5C) }
            output.append(byte)
        }
        output.append(.quote)
        return String(decoding: output, as: UTF8.self)
    }
}
