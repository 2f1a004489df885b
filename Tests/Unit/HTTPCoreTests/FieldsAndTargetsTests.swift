import HTTPCore
import Testing

struct FieldsAndTargetsTests {
    @Test func `fields keep their order and ignore case`() throws {
        var fields: HTTPFields = [.accept: "a", .host: "h", .accept: "b"]
        #expect(fields[.accept] == "a, b")
        #expect(fields[try #require(HTTPField.Name("ACCEPT"))] == "a, b")
        fields[.accept] = "c"
        #expect(fields.map(\.name.rawName) == ["Host", "Accept"])
        fields[.host] = nil
        #expect(fields == [.accept: "c"])
        #expect(!fields.contains(.host) && fields.count == 1)
    }

    @Test func `a name must be a token and underscores can be dropped`() throws {
        #expect(HTTPField.Name("a b") == nil)
        #expect(HTTPField.Name("") == nil)
        var fields = HTTPFields()
        fields.append(try #require(HTTPField.Name("Content_Length")), "9")
        fields.append(.accept, "x")
        #expect(fields[.contentLength] == nil)
        #expect(fields.removing([], underscores: false) == [.accept: "x"])
    }

    @Test func `lines are written in order and normal form however they came`() throws {
        let head = "GET / HTTP/1.1\r\nHost: a\r\nAccept:x\r\nVia:\t1\r\nTE: b \r\nRange:\r\nDate: d\r\nAge: 5\r\n\r\n"
        var parser = RequestHeadParser()
        let parsed = try #require(try parser.parse(Array(head.utf8).span))
        var fields = parsed.head.request.headerFields.removing([.date, .connection])
        fields.append(.server, "  s ")
        fields.append(.eTag, "e")
        var written: [UInt8] = []
        fields.serialize(into: &written, except: [.te, .host])
        let lines = "Accept: x\r\nVia: 1\r\nRange: \r\nAge: 5\r\nServer: s\r\nETag: e\r\n"
        #expect(String(decoding: written, as: UTF8.self) == lines)
    }

    @Test func `list members are read over all lines`() {
        var fields = HTTPFields()
        fields.append(.connection, "Keep-Alive, ,x")
        fields.append(.connection, " Upgrade ")
        #expect(fields.listMembers(of: .connection) == ["Keep-Alive", "x", "Upgrade"])
        #expect(fields.contains(.connection, listMember: "upgrade"))
        #expect(!fields.contains(.connection, listMember: "up"))
    }

    @Test func `paths are decoded once`() {
        #expect(RequestPath("/")?.segments == [])
        #expect(RequestPath("/v1/a%20b/c?x=%41")?.segments == ["v1", "a b", "c"])
        #expect(RequestPath("/a?x=1")?.rawQuery == "x=1")
        #expect(RequestPath("/a/")?.segments == ["a", ""])
        #expect(RequestPath("/%2541")?.segments == ["%41"])
    }

    @Test(arguments: [
        "/a/../b", "/%2e%2e/b", "/.", "/a%2fb", "/a%5Cb", "/a%00", "/a%0d%0a", "/%c0%af", "/%", "/%4", "/%zz", "//a",
        "/a//b", "*", "", "a",
    ])
    func `a path that could mean another is refused`(path: String) {
        #expect(RequestPath(path) == nil)
    }

    @Test func `queries are decoded`() {
        let items = QueryItems("a=1&b=x+y%26&c&a=2")
        #expect(items?["a"] == "1")
        #expect(items?["b"] == "x y&")
        #expect(items?["c"] == "")
        #expect(items?["d"] == nil)
        #expect(QueryItems("a=%zz") == nil)
        #expect(QueryItems(nil)?.items == [])
        #expect(QueryItems.encode([("a b", "&=")]) == "a%20b=%26%3D")
    }
}
