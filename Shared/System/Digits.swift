/// Numbers as text, written straight into bytes: for what is written so often that a string in between would count.
extension [UInt8] {
    /// Appends a whole number in decimal digits.
    public mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let magnitude = number.magnitude
        var unit: UInt64 = 1
        while magnitude / 10 >= unit { unit *= 10 }
        var rest = magnitude
        while unit > 0 {
            append(48 + UInt8(truncatingIfNeeded: rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    /// Appends the low `digits` hexadecimal digits of a word, in lower case.
    public mutating func append(hexadecimal word: UInt64, digits: Int = 16) {
        var shift = digits * 4
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(shift)) & 15
            append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
