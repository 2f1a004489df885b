import System

/// Values of the RateLimit fields (draft-ietf-httpapi-ratelimit-headers, structured fields of RFC 9651).
public enum RateLimitField {
    /// What stands between two members of a list.
    public static let separator = Array(", ".utf8)

    /// The name with which a member begins, a structured-field string: visible ASCII in quotes, quotes and backslashes
    /// escaped, the rest left out.
    public static func name(_ name: String) -> [UInt8] {
        var output: [UInt8] = [.quote]
        for byte in name.utf8 where byte >= 0x20 && byte < 0x7F {
            if byte == .quote || byte == 0x5C { output.append(0x5C) }
            output.append(byte)
        }
        output.append(.quote)
        return output
    }

    /// A member of RateLimit-Policy behind its name: `"name";q=100;w=60`, quota units in each window of seconds.
    public static func policy(_ name: [UInt8], quota: Int, windowSeconds: Int) -> [UInt8] {
        var output = name
        append(UInt8(ascii: "q"), quota, to: &output)
        append(UInt8(ascii: "w"), windowSeconds, to: &output)
        return output
    }

    /// Appends a member of RateLimit behind its name: `"name";r=50;t=30`, units left and seconds until there are more.
    public static func appendState(remaining: Int, resetSeconds: Int, to output: inout [UInt8]) {
        append(UInt8(ascii: "r"), remaining, to: &output)
        append(UInt8(ascii: "t"), resetSeconds, to: &output)
    }

    private static func append(_ key: UInt8, _ value: Int, to output: inout [UInt8]) {
        output.append(.semicolon)
        output.append(key)
        output.append(UInt8(ascii: "="))
        output.append(decimal: Int64(value))
    }
}
