import Testing

@testable import Stack

@Suite struct InterpolationTests {
    private let interpolation = Interpolation(variables: ["A": "a", "EMPTY": ""])

    @Test(arguments: [
        ("plain", "plain"), ("$A-${A}", "a-a"), ("${NONE}", ""), ("${NONE:-b}", "b"), ("${EMPTY:-b}", "b"),
        ("${EMPTY-b}", ""), ("${A:-b}", "a"), ("$$A", "$A"), ("${NONE:-${A}:${EMPTY:-9}}", "a:9"),
        ("http://${H:-h}:${P:-1}/x", "http://h:1/x"),
    ])
    func `a variable is replaced as Compose does`(text: String, expected: String) throws {
        #expect(try interpolation.apply(to: text) == expected)
    }

    @Test(arguments: ["${A", "cost: 5$", "${}", "${A+b}", "${NONE:?set it}"])
    func `what cannot be replaced is refused`(text: String) {
        #expect(throws: StackError.self) { try interpolation.apply(to: text) }
    }
}
