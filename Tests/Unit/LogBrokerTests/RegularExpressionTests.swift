import Testing

@testable import LogBroker

struct RegularExpressionTests {
    @Test(arguments: [
        ("", ["": true, "a": false]), ("author", ["author": true, "authors": false, "": false]),
        ("a.*", ["a": true, "abc": true, "ba": false, "a\nb": false]), ("a|bc|", ["a": true, "bc": true, "": true]),
        ("x(a|b)+y", ["xay": true, "xabbay": true, "xy": false]), ("(?:ab){2,3}", ["abab": true, "ab": false]),
        ("[a-c_.-]{3}", ["a.-": true, "abd": false]), ("[^0-9]+", ["abc": true, "a1": false, "": false]),
        ("^topic-\\d+$", ["topic-17": true, "topic-": false]), ("a\\.b", ["a.b": true, "axb": false]),
        ("\\w+?\\s\\S*", ["ab c": true, "ab": false]), ("a^b", ["ab": false, "a^b": false]), ("[]a]", ["]": true]),
        ("o{,2}", ["o{,2}": true, "oo": false]), ("ä.", ["äö": true]), ("(a*)*", ["aaa": true, "": true, "b": false]),
    ])
    func `an expression matches whole texts`(expression: String, texts: [String: Bool]) throws {
        let expression = try RegularExpression(expression)
        for (text, expected) in texts { #expect(expression.matches(text) == expected, "\(text)") }
    }

    @Test(arguments: [
        "[", "(a", "a)", "a**", "*a", "a{3,2}", "a{2000}", "\\", "[b-a]", "[[:alpha:]]", "(?i)a", "\\q",
        String(repeating: "(", count: 60) + String(repeating: ")", count: 60), "((a{1000}){1000}){1000}",
        String(repeating: "a", count: 1001),
    ])
    func `what is none, or too much, is refused`(text: String) {
        #expect(throws: RegularExpression.Failure.invalid) { try RegularExpression(text) }
    }

    @Test func `nothing that a client can send takes long`() throws {
        let expression = try RegularExpression("(a|a)*(a|aa)*(a*)*b")
        #expect(!expression.matches(String(repeating: "a", count: 5000)))
    }
}
