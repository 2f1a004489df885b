import Security
import System

/// RFC 2047: text of any script in a header, as words of at most 75 characters that never split a character.
enum EncodedWord {
    private static let prefix = "=?UTF-8?B?"
    private static let suffix = "?="
    /// Bytes whose base64 fits into a word.
    private static let maximumBytes = (75 - prefix.count - suffix.count) / 4 * 3

    static func encode(_ text: String, isPhrase: Bool = false) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            // In a phrase only letters, digits and spaces need no quotes.
            isPhrase
                ? (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 32
                : (32...126).contains(byte)
        }
        if isPlain, text.utf8.count <= 60, !text.contains("=?") { return text }
        var words: [String] = []
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            if bytes.count + next.count > maximumBytes {
                words.append(word(bytes))
                bytes = []
            }
            bytes += next
        }
        if !bytes.isEmpty { words.append(word(bytes)) }
        return words.joined(separator: "\r\n ")
    }

    private static func word(_ bytes: [UInt8]) -> String { prefix + Base64.encode(bytes) + suffix }
}

/// RFC 5322, section 3.3, in UTC: `Wed, 19 Mar 2025 10:00:00 +0000`.
enum MailDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(_ time: Timestamp) -> String {
        let seconds = max(0, time.milliseconds / 1000)
        let date = CivilDate(daysSinceEpoch: seconds / 86_400)
        func pair(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(pair(seconds / 3600 % 24)):\(pair(seconds / 60 % 60)):\(pair(seconds % 60))"
        let day = days[Int(seconds / 86_400 % 7)]
        return "\(day), \(date.day) \(months[date.month - 1]) \(date.year) \(clock) +0000"
    }
}
