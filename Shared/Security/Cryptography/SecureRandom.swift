/// Unpredictable bytes from the kernel.
public enum SecureRandom {
    /// `count` bytes of `getrandom(2)`. Any thread.
    public static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            let word: UInt64 = generator.next()
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// A text of `byteCount` random bytes in URL-safe Base64, for tokens that are looked up by their digest.
    public static func token(byteCount: Int = 32) -> String {
        Base64.encodeURLSafe(bytes(byteCount))
    }
}
