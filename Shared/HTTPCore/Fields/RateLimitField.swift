import System

/// Values of the RateLimit fields (draft-ietf-httpapi-ratelimit-headers, structured fields of RFC 9651).
public enum RateLimitField {
    /// Appends a member of RateLimit-Policy: `"name";q=100;w=60`, quota units in each window of seconds.
    public static func appendPolicy(name: String, quota: Int, windowSeconds: Int, to output: inout [UInt8]) {
        append(name, UInt8(ascii: "q"), quota, UInt8(ascii: "w"), windowSeconds, to: &output)
    }

    /// Appends a member of RateLimit: `"name";r=50;t=30`, units left and seconds until there are more.
    public static func appendState(name: String, remaining: Int, resetSeconds: Int, to output: inout [UInt8]) {
        append(name, UInt8(ascii: "r"), remaining, UInt8(ascii: "t"), resetSeconds, to: &output)
    }

    /// The name is a structured-field string: visible ASCII in quotes, quotes and
    /// backslashes escaped, the rest left out.
    private static func append(
        _ name: String,
        _ firstKey: UInt8,
        _ first: Int,
        _ secondKey: UInt8,
        _ second: Int,
        to output: inout [UInt8]
    ) {
        output.append(.quote)
        for byte in name.utf8 where byte >= 0x20 && byte < 0x7F {
            if byte == .quote || byte == 0x5C { output.append(0x5C) }
            output.append(byte)
        }
        output.append(.quote)
        append(firstKey, first, to: &output)
        append(secondKey, second, to: &output)
    }

    /// A parameter: `;q=100`.
    private static func append(_ key: UInt8, _ value: Int, to output: inout [UInt8]) {
        output.append(.semicolon)
        output.append(key)
        output.append(UInt8(ascii: "="))
        output.append(decimal: Int64(value))
    }
}
