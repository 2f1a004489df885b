import System
import TestSupport
import Testing

@Suite struct TidyTests {
    private static let tops = ["Package.swift", "Shared", "Services", "deploy", "Tests"]

    @Test func `the sources are tidy`() throws {
        let files = try SourceFile.all(below: Self.tops, suffixes: [".swift"])
        #expect(files.count > 50)
        let violations = files.flatMap(TidyRules.violations)
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
    }

    @Test func `nothing tells where it was written`() throws {
        let tops = Self.tops + ["Makefile", "README.md", "README.vi.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
        let others = ["SECURITY.md", "CHANGELOG.md"]
        let suffixes = [
            "swift", "md", "yaml", "json", "sh", "py", "h", "c", "modulemap", "html", "Makefile", "Dockerfile",
        ]
        let leaks = try SourceFile.all(below: tops + others, suffixes: suffixes).flatMap(TidyRules.leaks)
        #expect(leaks.isEmpty, "\(leaks.joined(separator: "\n"))")
    }

    @Test func `every service explains itself and the project has its documents`() throws {
        let services = try SourceFile.all(below: ["Services"], suffixes: ["Service.swift"]).map {
            File.directory(of: $0.path)
        }
        #expect(!services.isEmpty)
        let documents = ["README.md", "README.vi.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"]
        let missing = (services.map { "\($0)/README.md" } + documents).filter {
            !File.exists("\(SourceFile.repository)/\($0)")
        }
        #expect(missing == [])
    }

    @Test(arguments: [
        (String(repeating: "a", count: 141), "141 columns"),
        ("let a = 1 ", "space at the end"),
        ("// TO" + "DO: later", "unfinished"),
        ("    fatal" + "Error(\"no\")", "without a reason"),
        ("let a = try" + "! read()", "without a reason"),
        ("    print(a)", "print in a library"),
        (String(repeating: "let a = 1\n", count: 401), "lines"),
        ("func a() {\n" + String(repeating: "    b()\n", count: 69) + "}", "a function of 71 lines"),
        ("@Test func a() { b() }", "expect nothing"),
    ])
    func `a breach is found`(text: String, word: String) {
        let violations = TidyRules.violations(in: SourceFile(path: "Shared/A/A.swift", text: text))
        #expect(violations.count == 1)
        #expect(violations.first?.contains(word) == true, "\(violations)")
    }

    @Test(arguments: [
        "// cannot fail: the array has two elements\nlet a = try" + "! read()",
        "func a() {\n" + String(repeating: "    b()\n", count: 68) + "}",
        "@Test func a() { #expect(b()) }",
        String(repeating: "a", count: 140),
    ])
    func `what is tidy passes`(text: String) {
        #expect(TidyRules.violations(in: SourceFile(path: "Shared/A/A.swift", text: text)) == [])
    }

    @Test func `a path of the workplace is found`() {
        let file = SourceFile(path: "README.md", text: "see /wo" + "rk/notes")
        #expect(TidyRules.leaks(in: file).count == 1)
    }
}
