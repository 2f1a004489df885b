import Testing

@testable import HTTPCore

struct MultipartParserTests {
    private static let type = "multipart/form-data; boundary=XX"
    private static let form =
        "--XX\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHội An\r\n"
        + "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".png\"\r\n"
        + "Content-Type: image/png\r\n\r\nbytes\r\n-- XX\r\n--X\r\r\n--XX--\r\nepilogue"

    /// Parts with their contents, however the body was cut; nil at the end marks a body that had none.
    private func parse(_ body: String, piece: Int = .max, type: String = type) throws -> [String] {
        var parser = try #require(MultipartParser(contentType: type))
        var found: [String] = []
        var rest = Array(body.utf8)[...]
        while !rest.isEmpty {
            for event in try parser.feed(Array(rest.prefix(piece))) {
                switch event {
                case .part(let part): found.append("\(part.name)|\(part.fileName ?? "-")|\(part.contentType ?? "-")|")
                case .content(let bytes): found[found.count - 1] += String(decoding: bytes, as: UTF8.self)
                case .partEnd: found[found.count - 1] += "."
                case .end: found.append("end")
                }
            }
            rest = rest.dropFirst(piece)
        }
        try parser.finish()
        return found
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 4096])
    func `a form is the same however it is cut`(piece: Int) throws {
        let ascii = Self.form.replacing("Hội An", with: "Hoi An")
        #expect(
            try parse(ascii, piece: piece) == [
                "title|-|-|Hoi An.", "file|a \"b\".png|image/png|bytes\r\n-- XX\r\n--X\r.", "end",
            ]
        )
    }

    @Test func `an empty content and a preamble are read`() throws {
        let body = "preamble\r\n--XX \t\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--XX--"
        #expect(try parse(body) == ["a|-|-|.", "end"])
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=XX", "text/plain",
        "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"\"",
    ])
    func `what is no form's type is refused`(type: String) {
        #expect(MultipartParser(contentType: type) == nil)
    }

    @Test func `a boundary of 71 characters is refused, one of 70 is not`() {
        #expect(MultipartParser(boundary: String(repeating: "a", count: 70)) != nil)
        #expect(MultipartParser(boundary: String(repeating: "a", count: 71)) == nil)
    }

    @Test(arguments: [
        "--XX\r\n\r\ncontent\r\n--XX--", "--XXbroken\r\n", "--XX\r\nno colon\r\n\r\n",
        "--XX\r\nContent-Disposition: form-data\r\n\r\n", "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n",
        "--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n",
        "--XX\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n",
        "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\n",
    ])
    func `a malformed part is refused`(body: String) {
        #expect(throws: MultipartError.malformed) { _ = try parse(body) }
    }

    @Test(arguments: ["", "--XX\r\n", "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\ncontent\r\n--X", "text"])
    func `a body that breaks off is truncated`(body: String) {
        #expect(throws: MultipartError.truncated) { _ = try parse(body) }
    }

    @Test func `heads, preambles and parts without end are cut off`() {
        let long = String(repeating: "a", count: MultipartParser.maximumHeadSize + 100)
        #expect(throws: MultipartError.tooLarge) { _ = try parse(long) }
        #expect(throws: MultipartError.tooLarge) { _ = try parse("--XX\r\nX: \(long)", piece: 100) }
        let part = "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
        let many = String(repeating: part, count: MultipartParser.maximumParts + 1) + "--XX--"
        #expect(throws: MultipartError.tooLarge) { _ = try parse(many) }
    }

    @Test func `any bytes are read without a trap`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let alphabet = Array("\r\n-X:; =\"\\a".utf8)
            let body = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in alphabet.randomElement()! }
            var parser = MultipartParser(boundary: "X")
            _ = try? parser?.feed(body)
            try? parser?.finish()
        }
    }
}
