/// The placeholder of an image: a few cosine components of its colours in about 28 characters (BlurHash by Wolt,
/// github.com/woltapp/blurhash, Algorithm.md).
struct BlurHash {
    /// Components across and down.
    static let columns = 4
    static let rows = 3

    private static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
    )

    /// Mathematics that comes in as values, so that this file needs no library.
    let cosine: (Double) -> Double
    let power: (Double, Double) -> Double

    /// The hash of `width` times `height` pixels of sRGB, `bands` bytes each (the first three are red, green, blue).
    func encode(_ pixels: [UInt8], width: Int, height: Int, bands: Int) -> String? {
        guard width > 0, height > 0, bands >= 3, pixels.count >= width * height * bands else { return nil }
        let linear = (0..<256).map { linearLight(Double($0) / 255) }
        var factors: [SIMD3<Double>] = []
        for row in 0..<Self.rows {
            for column in 0..<Self.columns {
                let across = (0..<width).map { cosine(.pi * Double(column * $0) / Double(width)) }
                let down = (0..<height).map { cosine(.pi * Double(row * $0) / Double(height)) }
                var sum = SIMD3<Double>.zero
                for y in 0..<height {
                    for x in 0..<width {
                        let start = (y * width + x) * bands
                        let light = SIMD3(
                            linear[Int(pixels[start])],
                            linear[Int(pixels[start + 1])],
                            linear[Int(pixels[start + 2])]
                        )
                        sum += light * (across[x] * down[y])
                    }
                }
                factors.append(sum * ((row + column == 0 ? 1 : 2) / Double(width * height)))
            }
        }
        return text(of: factors)
    }

    private func text(of factors: [SIMD3<Double>]) -> String {
        let details = factors.dropFirst()
        let largest = details.flatMap { [$0.x, $0.y, $0.z] }.map(\.magnitude).max() ?? 0
        let scale = max(0, min(82, Int(largest * 166 - 0.5)))
        let range = Double(scale + 1) / 166
        var text = Self.base83(Self.columns - 1 + (Self.rows - 1) * 9, length: 1)
        text += Self.base83(scale, length: 1)
        let average = factors[0]
        text += Self.base83(sRGB(average.x) << 16 | sRGB(average.y) << 8 | sRGB(average.z), length: 4)
        for factor in details {
            let steps = [factor.x, factor.y, factor.z].map { quantized($0 / range) }
            text += Self.base83(steps[0] * 361 + steps[1] * 19 + steps[2], length: 2)
        }
        return text
    }

    private func quantized(_ value: Double) -> Int {
        let root = power(value.magnitude, 0.5) * (value < 0 ? -1 : 1)
        return max(0, min(18, Int((root * 9 + 9.5).rounded(.down))))
    }

    private func linearLight(_ value: Double) -> Double {
        value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055, 2.4)
    }

    private func sRGB(_ light: Double) -> Int {
        let light = max(0, min(1, light))
        let value = light <= 0.003_130_8 ? light * 12.92 : 1.055 * power(light, 1 / 2.4) - 0.055
        return Int(value * 255 + 0.5)
    }

    private static func base83(_ value: Int, length: Int) -> String {
        var rest = value
        var text: [Character] = []
        for _ in 0..<length {
            text.append(digits[rest % 83])
            rest /= 83
        }
        return String(text.reversed())
    }

    /// Whether the text is a hash of the size made here: what a confined process says is looked at before it is passed on.
    static func isValid(_ text: String) -> Bool {
        text.count == 4 + 2 * rows * columns && text.allSatisfy(digits.contains)
    }
}
