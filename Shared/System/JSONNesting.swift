/// How deep a JSON text goes, found before a decoder sees it: that of FoundationEssentials (Swift 6.3) traps when a text ends
/// right where its own limit of 512 levels is passed. Ask this of every text that comes from outside.
public enum JSONNesting {
    /// Objects and arrays inside each other at most.
    public static let limit = 128

    /// Whether a text goes deeper than the limit. What is no JSON gets some answer.
    @inlinable
    public static func isTooDeep(_ text: some Sequence<UInt8>) -> Bool {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for byte in text {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                if depth > limit { return true }
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return false
    }
}
