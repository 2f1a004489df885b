/// Numbers as text, written straight into bytes: for what is written so often that a string in between would count.
extension [UInt8] {
    /// The digits of the largest number.
    private static let mostDigits = 20

    /// Appends a whole number in decimal digits.
    public mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        guard rest >= 10 else { return append(48 + UInt8(truncatingIfNeeded: rest)) }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.mostDigits) { digits in
            var first = Self.mostDigits
            while rest > 0 {
                first -= 1
                unsafe digits[first] = 48 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            unsafe append(contentsOf: UnsafeMutableBufferPointer(rebasing: digits[first...]))
        }
    }

    /// Appends a non-negative number in decimal, padded with zeros to `width`, which is 4 at most.
    mutating func appendDigits(_ value: Int64, width: Int) {
        var rest = value.magnitude
        var digits: UInt32 = 0
        for _ in 0..<width {
            digits = digits << 8 | UInt32(48 + rest % 10)
            rest /= 10
        }
        unsafe Swift.withUnsafeBytes(of: digits.littleEndian) { bytes in
            unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes.prefix(width)))
        }
    }

    /// Appends the low `digits` hexadecimal digits of a word, in lower case.
    public mutating func append(hexadecimal word: UInt64, digits: Int = 16) {
        let (high, low) = (Self.hexadecimal(word >> 32), Self.hexadecimal(word & 0xFFFF_FFFF))
        unsafe Swift.withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes in
            unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes.suffix(digits)))
        }
    }

    /// The eight digits of 32 bits, a byte each, the highest in the highest.
    private static func hexadecimal(_ half: UInt64) -> UInt64 {
        var digits = (half | half << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (digits + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return digits + 0x3030_3030_3030_3030 + letters * 39
    }
}
