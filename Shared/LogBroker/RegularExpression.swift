/// A regular expression in RE2's syntax, as far as names need it: literals, `.`, classes, groups, `|`, repetition and
/// anchors; what it does not know it refuses. A client may send any: a match takes time in proportion to the text and to
/// the expression (Thompson's construction), never more.
struct RegularExpression: Sendable {
    /// Most bytes of an expression.
    static let maximumLength = 1000
    /// Most steps it may be made of, repetitions written out.
    static let maximumSteps = 10_000

    enum Failure: Error { case invalid }

    private enum Step: Sendable {
        case scalar(ScalarSet)
        case split(Int, Int)
        case jump(Int)
        case atStart
        case atEnd
    }

    private var steps: [Step] = []

    /// Errors: what is no expression, or too long a one.
    init(_ text: String) throws(Failure) {
        guard text.utf8.count <= Self.maximumLength else { throw .invalid }
        var parser = RegularExpressionParser(text)
        try add(try parser.parse())
    }

    /// Whether it matches the whole text.
    func matches(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        var current: Set<Int> = []
        follow(0, into: &current, isStart: true, isEnd: scalars.isEmpty)
        for (index, scalar) in scalars.enumerated() {
            var next: Set<Int> = []
            for place in current where place < steps.count {
                if case .scalar(let set) = steps[place], set.contains(scalar) {
                    follow(place + 1, into: &next, isStart: false, isEnd: index == scalars.count - 1)
                }
            }
            current = next
        }
        return current.contains(steps.count)
    }

    /// Adds the places that are reached from `place` without reading anything; the end is the one behind the last step.
    private func follow(_ place: Int, into places: inout Set<Int>, isStart: Bool, isEnd: Bool) {
        var open = [place]
        while let place = open.popLast() {
            guard places.insert(place).inserted, place < steps.count else { continue }
            switch steps[place] {
            case .scalar: break
            case .jump(let target): open.append(target)
            case .split(let first, let second): open += [first, second]
            case .atStart: if isStart { open.append(place + 1) }
            case .atEnd: if isEnd { open.append(place + 1) }
            }
        }
    }

    // MARK: Construction

    private mutating func add(_ step: Step) throws(Failure) {
        guard steps.count < Self.maximumSteps else { throw .invalid }
        steps.append(step)
    }

    private mutating func add(_ node: RegularExpressionParser.Node) throws(Failure) {
        switch node {
        case .scalar(let set): try add(Step.scalar(set))
        case .atStart: try add(Step.atStart)
        case .atEnd: try add(Step.atEnd)
        case .sequence(let nodes): for node in nodes { try add(node) }
        case .either(let first, let second):
            let fork = steps.count
            try add(.jump(0))
            try add(first)
            let exit = steps.count
            try add(.jump(0))
            steps[fork] = .split(fork + 1, steps.count)
            try add(second)
            steps[exit] = .jump(steps.count)
        case .repeated(let node, let least, let most):
            for _ in 0..<least { try add(node) }
            guard let most else { return try addLoop(node) }
            for _ in least..<most {
                let fork = steps.count
                try add(.jump(0))
                try add(node)
                steps[fork] = .split(fork + 1, steps.count)
            }
        }
    }

    private mutating func addLoop(_ node: RegularExpressionParser.Node) throws(Failure) {
        let fork = steps.count
        try add(.jump(0))
        try add(node)
        try add(.jump(fork))
        steps[fork] = .split(fork + 1, steps.count)
    }
}

/// Some of all characters.
struct ScalarSet: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var isInverted = false

    static let digits = ScalarSet(ranges: [0x30...0x39])
    static let word = ScalarSet(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = ScalarSet(ranges: [0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
    /// All but a line's end.
    static let any = ScalarSet(ranges: [0x0A...0x0A], isInverted: true)

    var inverted: ScalarSet { ScalarSet(ranges: ranges, isInverted: !isInverted) }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isInverted
    }
}
