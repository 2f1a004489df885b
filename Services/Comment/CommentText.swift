@_spi(_Unicode) import Swift

/// What somebody wrote, cleaned: in Unicode's composed form (NFC), without what is not seen and what disturbs the text around
/// it. Kept as the comment's body; never shown as HTML.
struct CommentText: Sendable, Equatable {
    /// Characters as people count them.
    static let maximumCharacters = 2000
    /// UTF-8, so that no character made of hundreds of code points helps.
    static let maximumBytes = 8 << 10
    /// Combining marks on one character: Vietnamese needs two, the scripts with most of them four. More would be drawn over
    /// the lines above and below.
    static let maximumMarks = 6

    /// What cannot be a comment.
    enum Failure: Error, Equatable {
        case empty
        case tooLong
    }

    let text: String

    /// Cleans a text as it came.
    init(_ raw: String) throws(Failure) {
        // Before the work, and generous: cleaning only makes it shorter, but for composition, which at most triples (UAX 15).
        guard raw.utf8.count <= 2 * Self.maximumBytes else { throw .tooLong }
        let text = Self.trimmed(Self.cleaned(raw))
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.maximumBytes, text.count <= Self.maximumCharacters else { throw .tooLong }
        self.text = text
    }

    /// What is not shown goes first: without it, letters and marks may compose.
    private static func cleaned(_ raw: String) -> String {
        var output = String.UnicodeScalarView()
        var marks = 0
        for scalar in shown(lines(raw))._nfc {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: marks += 1
            default: marks = 0
            }
            if marks <= maximumMarks { output.append(scalar) }
        }
        return String(output)
    }

    private static func shown(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        // Tag characters draw flags behind a black flag, and hide words anywhere else.
        var isInFlag = false
        for scalar in text.unicodeScalars {
            isInFlag = scalar == "\u{1F3F4}" || isInFlag && isTag(scalar)
            if isTag(scalar) ? isInFlag : isShown(scalar) { output.append(scalar) }
        }
        return String(output)
    }

    /// Every kind of line end as one line feed.
    private static func lines(_ raw: String) -> String {
        var output = String.UnicodeScalarView()
        var before: Unicode.Scalar = " "
        for scalar in raw.unicodeScalars {
            switch scalar {
            case "\n" where before == "\r": break
            case "\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{B}", "\u{C}": output.append("\n")
            default: output.append(scalar)
            }
            before = scalar
        }
        return String(output)
    }

    private static func isTag(_ scalar: Unicode.Scalar) -> Bool { (0xE0020...0xE007F).contains(scalar.value) }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x09: true
        // Joiners shape scripts and emoji, the marks of direction do not reach beyond their place.
        case 0x200C, 0x200D, 0x200E, 0x200F, 0x61C: true
        // Embeddings, overrides and isolates reorder what is around them.
        case 0x202A...0x202E, 0x2066...0x2069: false
        // Not seen at all: soft hyphen, zero-width spaces, fillers, invisible operators.
        case 0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B...0x180F, 0x200B, 0x2060...0x206F, 0x3164, 0xFEFF,
            0xFFA0,
            0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            false
        default:
            switch scalar.properties.generalCategory {
            case .control, .surrogate, .privateUse, .unassigned: false
            default: true
            }
        }
    }

    /// Without blank lines and spaces around; the indentation of the first line is kept, for it may be code.
    private static func trimmed(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        while let first = lines.first, first.allSatisfy(\.isWhitespace) { lines.removeFirst() }
        while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
        return lines.joined(separator: "\n")
    }
}
