import CZxcvbn

/// How hard a password is to guess, judged by zxcvbn (Wheeler, USENIX Security 2016). Pure; any thread; under 1 ms.
public enum PasswordStrength {
    /// Characters that are looked at; the rest can only add strength, and the judge's time grows with the length.
    public static let judgedLength = 128
    /// Words about the user that are looked at.
    public static let relatedLimit = 16

    /// The binary logarithm of the guesses an informed attacker needs: 20 is weak, 40 good, 60 strong.
    ///
    /// `related` are words that make a guess easy for this user: address, name, the product.
    public static func bits(of password: String, related: [String] = []) -> Double {
        let text = String(password.prefix(judgedLength)).filter { $0 != "\0" }
        var words: [CChar] = []
        var offsets: [Int] = []
        for word in related.prefix(relatedLimit) where !word.isEmpty && !word.utf8.contains(0) {
            offsets.append(words.count)
            words.append(contentsOf: word.lowercased().utf8.prefix(judgedLength).map { CChar(bitPattern: $0) })
            words.append(0)
        }
        return unsafe words.withUnsafeBufferPointer { buffer in
            var dictionary = unsafe offsets.map { start -> UnsafePointer<CChar>? in
                unsafe buffer.baseAddress.map { unsafe $0 + start }
            }
            unsafe dictionary.append(nil)
            return unsafe ZxcvbnMatch(text, &dictionary, nil)
        }
    }
}
