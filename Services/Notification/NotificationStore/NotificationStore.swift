import FoundationEssentials

/// Notification's rows, by what they are about in the files of this folder. Reads take the connection of a snapshot,
/// writes the transaction they are part of.
enum NotificationStore {
    static func encode(_ data: [String: String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(data), as: UTF8.self)
    }

    static func decodeData(_ text: String) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }
}
