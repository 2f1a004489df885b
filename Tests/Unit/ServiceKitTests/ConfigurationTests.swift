import ServiceKit
import Testing

@Suite struct ConfigurationTests {
    private enum Color: String, CaseIterable {
        case red, green
    }

    @Test func `values are read with their types, absent ones by default`() throws {
        var reader = ConfigurationReader(["A": "7", "B": "yes", "C": "green", "D": "http://x/", "E": ""])
        #expect(reader.integer("A", default: 1, in: 1...9) == 7)
        #expect(reader.boolean("B", default: false) == true)
        #expect(reader.choice("C", default: Color.red) == .green)
        #expect(reader.url("D", default: "") == "http://x")
        #expect(reader.string("E", default: "e") == "e")
        #expect(reader.secret("F") == nil)
        try reader.finish()
    }

    @Test func `every wrong value is reported at once`() {
        var reader = ConfigurationReader(["A": "10", "B": "maybe", "C": "blue", "D": "ftp://x"])
        _ = reader.integer("A", default: 1, in: 1...9)
        _ = reader.boolean("B", default: false)
        _ = reader.choice("C", default: Color.red)
        _ = reader.url("D", default: "http://y")
        _ = reader.requiredString("E")
        do throws(ConfigurationError) {
            try reader.finish()
            Issue.record("wrong values were accepted")
        } catch {
            #expect(error.problems.count == 5)
        }
    }

    @Test func `a list is read value by value, and each wrong one is reported`() {
        var reader = ConfigurationReader(["NUMBERS": "1, 2 ,x,3,", "WRONG": "y"])
        let numbers = reader.list("NUMBERS", of: "a number") { Int($0) }
        let wrong = reader.list("WRONG", of: "a number") { Int($0) }
        let absent = reader.list("ABSENT", of: "a number") { Int($0) }
        #expect(numbers == [1, 2, 3] && wrong.isEmpty && absent.isEmpty)
        let error = #expect(throws: ConfigurationError.self) { try reader.finish() }
        #expect(
            error?.problems == [
                "NUMBERS has \"x\"; it must be a number", "WRONG has \"y\"; it must be a number",
            ]
        )
    }

    @Test func `the summary hides secrets`() {
        var reader = ConfigurationReader(["PASSWORD": "hunter2", "HOST": "h"])
        _ = reader.secret("PASSWORD")
        _ = reader.string("HOST", default: "")
        #expect(reader.summary == "PASSWORD=********\nHOST=h")
    }
}
