/// Reads the text of a ``RegularExpression``.
struct RegularExpressionParser {
    /// Groups in groups.
    private static let maximumDepth = 50
    /// Most repetitions that may be asked for by number (RE2's limit).
    private static let maximumCount = 1000

    indirect enum Node {
        case scalar(ScalarSet)
        case atStart
        case atEnd
        case sequence([Node])
        case either(Node, Node)
        /// At most `nil`: as often as there is something.
        case repeated(Node, Int, Int?)
    }

    typealias Failure = RegularExpression.Failure

    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// All of the text as one node.
    mutating func parse() throws(Failure) -> Node {
        let node = try alternatives(depth: 0)
        guard index == scalars.count else { throw .invalid }
        return node
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func take() throws(Failure) -> Unicode.Scalar {
        guard let next else { throw .invalid }
        index += 1
        return next
    }

    private mutating func alternatives(depth: Int) throws(Failure) -> Node {
        guard depth <= Self.maximumDepth else { throw .invalid }
        let first = try sequence(depth: depth)
        return take("|") ? .either(first, try alternatives(depth: depth)) : first
    }

    private mutating func sequence(depth: Int) throws(Failure) -> Node {
        var nodes: [Node] = []
        while let next, next != "|", next != ")" { nodes.append(try repetition(of: try one(depth: depth))) }
        return .sequence(nodes)
    }

    private mutating func one(depth: Int) throws(Failure) -> Node {
        let scalar = try take()
        switch scalar {
        case ".": return .scalar(.any)
        case "^": return .atStart
        case "$": return .atEnd
        case "[": return .scalar(try bracket())
        case "\\": return try escape()
        case "*", "+", "?": throw .invalid
        case "(":
            // Of what may follow a question mark only a group that is not numbered is known.
            if take("?"), !take(":") { throw .invalid }
            let node = try alternatives(depth: depth + 1)
            guard take(")") else { throw .invalid }
            return node
        default: return .scalar(ScalarSet(ranges: [scalar.value...scalar.value]))
        }
    }

    private mutating func repetition(of node: Node) throws(Failure) -> Node {
        let result: Node
        if take("*") {
            result = .repeated(node, 0, nil)
        } else if take("+") {
            result = .repeated(node, 1, nil)
        } else if take("?") {
            result = .repeated(node, 0, 1)
        } else if let (least, most) = try counts() {
            result = .repeated(node, least, most)
        } else {
            return node
        }
        // Whether it takes little or much first is the same where all has to match.
        _ = take("?")
        if let next, next == "*" || next == "+" || next == "?" { throw .invalid }
        return result
    }

    /// `{2}`, `{2,}` or `{2,5}`; nil, and nothing read, for another brace, which stands for itself.
    private mutating func counts() throws(Failure) -> (Int, Int?)? {
        let before = index
        guard take("{"), let least = number() else {
            index = before
            return nil
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            index = before
            return nil
        }
        guard least <= Self.maximumCount, most ?? least <= Self.maximumCount, least <= most ?? least else {
            throw .invalid
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        let first = index
        while let next, ScalarSet.digits.contains(next), index - first < 5 { index += 1 }
        return Int(String(String.UnicodeScalarView(scalars[first..<index])))
    }

    private mutating func escape() throws(Failure) -> Node {
        switch try take() {
        case "A": .atStart
        case "z": .atEnd
        case let scalar: .scalar(try Self.escaped(scalar))
        }
    }

    /// What stands behind a backslash.
    private static func escaped(_ scalar: Unicode.Scalar) throws(Failure) -> ScalarSet {
        switch scalar {
        case "d": return .digits
        case "D": return .digits.inverted
        case "w": return .word
        case "W": return .word.inverted
        case "s": return .space
        case "S": return .space.inverted
        case "n": return ScalarSet(ranges: [0x0A...0x0A])
        case "r": return ScalarSet(ranges: [0x0D...0x0D])
        case "t": return ScalarSet(ranges: [0x09...0x09])
        default:
            guard scalar.isASCII, !ScalarSet.word.contains(scalar) || scalar == "_" else { throw .invalid }
            return ScalarSet(ranges: [scalar.value...scalar.value])
        }
    }

    /// What stands behind `[`.
    private mutating func bracket() throws(Failure) -> ScalarSet {
        var set = ScalarSet()
        set.isInverted = take("^")
        var isFirst = true
        while isFirst || next != "]" {
            isFirst = false
            let low = try member()
            guard low.ranges.count == 1, let first = low.ranges.first, !low.isInverted, first.count == 1,
                index + 1 < scalars.count, next == "-", scalars[index + 1] != "]"
            else {
                // An inverted class within a class would need a set of sets.
                guard !low.isInverted else { throw .invalid }
                set.ranges += low.ranges
                continue
            }
            index += 1
            let high = try member()
            guard high.ranges.count == 1, let last = high.ranges.first, last.count == 1, !high.isInverted,
                first.lowerBound <= last.lowerBound
            else { throw .invalid }
            set.ranges.append(first.lowerBound...last.lowerBound)
        }
        guard take("]") else { throw .invalid }
        return set
    }

    private mutating func member() throws(Failure) -> ScalarSet {
        let scalar = try take()
        if scalar == "[", next == ":" { throw .invalid }
        return scalar == "\\" ? try Self.escaped(try take()) : ScalarSet(ranges: [scalar.value...scalar.value])
    }
}
