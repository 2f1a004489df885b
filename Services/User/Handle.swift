/// The unique name people are mentioned by: 3 to 30 of `a-z` with or without accents, `0-9`, `_` and `.`, beginning with a
/// letter or digit.
///
/// Prepared as RFC 8265 (UsernameCaseMapped) has it: full-width characters become ordinary ones, capitals small ones, and
/// letters with marks one character each (NFC). Other scripts stay out, so that no letter can pass for one of another
/// script (UTS 39); display names take any script.
struct Handle: Sendable, Hashable {
    static let lengths = 3...30
    /// Characters of a proposal before its number.
    private static let proposalLength = 20

    /// The form that is stored and shown.
    let text: String

    /// Without accents: what must be unique, since people take `linh` and `lính` for the same.
    let key: String

    /// Nil unless it is well formed and not reserved.
    init?(_ raw: String) {
        let prepared = Self.prepare(raw)
        guard Self.lengths.contains(prepared.count), let text = Self.composed(prepared), let first = prepared.first,
            first != ".", first != "_"
        else { return nil }
        let key = Self.key(of: text)
        guard !ReservedNames.contains(key) else { return nil }
        (self.text, self.key) = (text, key)
    }

    /// From the store, where only checked ones are.
    init(stored text: String) {
        self.text = text
        key = Self.key(of: text)
    }

    /// A proposal made of a name; `number` tells proposals apart when the first is taken.
    init(proposedFrom name: String, number: Int) {
        let letters = Self.prepare(name).replacing(" ", with: "_").compactMap(Self.base)
        var text = String(String(letters).drop { $0 == "." || $0 == "_" }.prefix(Self.proposalLength))
        if ReservedNames.contains(text) { text = "" }
        if number > 0 || text.count < Self.lengths.lowerBound {
            text += (text.isEmpty ? "user" : "_") + String(max(number, 100))
        }
        (self.text, key) = (text, text)
    }

    /// What a search for handles compares with: the beginning of a key.
    static func searchKey(_ text: String) -> String {
        let prepared = prepare(text)
        return String(prepared.map { base(of: $0) ?? $0 })
    }

    /// Width and case mapped.
    private static func prepare(_ raw: String) -> String {
        let fullWidth: ClosedRange<UInt32> = 0xFF01...0xFF5E
        var mapped = String.UnicodeScalarView()
        for scalar in raw.unicodeScalars {
            let isWide = fullWidth.contains(scalar.value)
            mapped.append(isWide ? Unicode.Scalar(UInt8(scalar.value - 0xFEE0)) : scalar)
        }
        return String(mapped).lowercased()
    }

    /// Each character as one scalar; nil when one is not allowed.
    private static func composed(_ text: String) -> String? {
        var scalars = String.UnicodeScalarView()
        for character in text {
            if let ascii = character.asciiValue, isPlain(ascii) {
                scalars.append(Unicode.Scalar(ascii))
            } else {
                guard let letter = accented[character] else { return nil }
                scalars.append(letter.scalar)
            }
        }
        return String(scalars)
    }

    private static func key(of text: String) -> String { String(text.compactMap(base)) }

    /// The character without its marks; nil when it is not allowed.
    private static func base(of character: Character) -> Character? {
        if let ascii = character.asciiValue { return isPlain(ascii) ? character : nil }
        return accented[character]?.base
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// The small Latin letters with marks, by Unicode's names: `LATIN SMALL LETTER E WITH CIRCUMFLEX AND ACUTE` is an `e`.
    /// Characters are compared by canonical equivalence, so one written as a letter and its marks is found too.
    private static let accented: [Character: (scalar: Unicode.Scalar, base: Character)] = {
        let blocks: [ClosedRange<UInt32>] = [0xC0...0x24F, 0x1E00...0x1EFF]
        var letters: [Character: (scalar: Unicode.Scalar, base: Character)] = [:]
        for value in blocks.joined() {
            let prefix = "LATIN SMALL LETTER "
            guard let scalar = Unicode.Scalar(value), let name = scalar.properties.name, name.hasPrefix(prefix) else {
                continue
            }
            let words = name.dropFirst(prefix.count).split(separator: " ")
            guard words.count > 2, words[1] == "WITH", words[0].count == 1, let base = words[0].lowercased().first
            else {
                continue
            }
            letters[Character(scalar)] = (scalar, base)
        }
        return letters
    }()
}
