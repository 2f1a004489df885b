import Contracts
import HTTPCore
import ServiceKit
import Testing

@Suite struct PaginationTests {
    private func query(_ text: String) throws -> QueryItems { try #require(QueryItems(text)) }

    @Test func `a cursor leads to the item after the last one`() throws {
        let first = try PageRequest(query("limit=2"), filter: "movie=1")
        let page = first.page(["a", "b", "c"]) { [$0, "7"] }
        let cursor = try #require(page.nextCursor)
        #expect(page.items == ["a", "b"])
        #expect(try PageRequest(query("cursor=\(cursor)"), filter: "movie=1").after == ["b", "7"])
    }

    @Test func `the last page has no cursor`() throws {
        #expect(try PageRequest(query("limit=2")).page(["a", "b"]) { [$0] }.nextCursor == nil)
    }

    @Test func `a cursor of another filter or of nobody is refused`() throws {
        let cursor = try PageRequest(query(""), filter: "movie=1").cursor(after: ["x"])
        for (text, filter) in [(cursor, "movie=2"), ("AAAA", "movie=1"), ("%25", "movie=1")] {
            #expect(throws: Problem(.invalidCursor)) {
                try PageRequest(query("cursor=\(text)"), filter: filter)
            }
        }
    }

    @Test(arguments: ["0", "201", "-1", "x", ""])
    func `a limit outside of 1 to 200 is refused`(limit: String) throws {
        #expect(throws: Problem.self) { try PageRequest(query("limit=\(limit)")) }
    }

    @Test func `a preference to wait is read and bounded`() {
        #expect(Preference.wait([.prefer: "respond-async, wait=5"]) == 5)
        #expect(Preference.wait([.prefer: "Wait = 900"]) == Preference.maximumWait)
        #expect(Preference.wait([.prefer: "wait=soon"]) == nil)
        #expect(Preference.wait([:]) == nil)
    }
}
