import Testing

@testable import UserService

struct UserNamesTests {
    @Test(arguments: ["a@b.co", " Linh.N+x@Example.ORG ", "o'neil@sub.example.com"])
    func `usual addresses are taken in one form`(raw: String) throws {
        let address = try #require(EmailAddress(raw))
        #expect(EmailAddress(address.text) == address)
        #expect(address.text == address.text.lowercased())
    }

    @Test(arguments: [
        "", "a", "@b.co", "a@", "a@b", "a@@b.co", "a b@c.de", "a@b..co", "a@-b.co", ".a@b.co", "a.@b.co", "<a@b.co>",
        "a@b.co\r\nBcc: x@y.z", "đ@b.co", String(repeating: "a", count: 65) + "@b.co",
    ])
    func `what is no address is refused`(raw: String) {
        #expect(EmailAddress(raw) == nil)
    }

    @Test(arguments: ["abc", "linh.nguyen_90", "9lives"])
    func `usual handles are taken`(raw: String) {
        #expect(Handle(raw)?.text == raw)
    }

    @Test(arguments: [
        ("Lính", "lính", "linh"), ("nguye\u{302}\u{303}n", "nguyễn", "nguyen"), ("ĐẶNG.1", "đặng.1", "dang.1"),
        ("ｌｉｎｈ", "linh", "linh"), ("\u{212A}ate", "kate", "kate"), ("Łódź", "łódź", "lodz"),
    ])
    func `a handle has one form whatever the width, case and composition`(raw: String, text: String, key: String) {
        let handle = Handle(raw)
        #expect(handle?.text.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        #expect(handle?.key == key)
    }

    @Test(arguments: [
        "", "ab", "_ab", ".ab", "li nh", String(repeating: "a", count: 31), "ли́нь", "lіnh", "linh\u{200D}", "a\u{301}b",
        "ß ss",
        "lınh", "linh\u{202E}", "李小龍", "linh🎬",
    ])
    func `bad handles are refused`(raw: String) {
        #expect(Handle(raw) == nil)
    }

    @Test(arguments: [
        "Admin", "àdmin", "4dm1n", "rnarquee", "marquee_support", "linh.admin", "support24", "m.o.d", "the_official",
        "ｒｏｏｔ", "Me", "Qu.ản.Trị", "everyone",
    ])
    func `a handle that could pass for the house is refused`(raw: String) {
        #expect(Handle(raw) == nil)
    }

    @Test(arguments: ["administrate", "modern", "marques", "rooted", "linh.nguyen", "hello_me", "systematic"])
    func `a word that only begins like a reserved one is taken`(raw: String) {
        #expect(Handle(raw)?.text == raw)
    }

    @Test(arguments: ["", "..", "Admin", "X", "Nguyễn Văn A", "李小龍", "me", String(repeating: "long name", count: 9)])
    func `a proposed handle is always a good one`(source: String) {
        for number in [0, 100, 99_999_999] {
            let proposed = Handle(proposedFrom: source, number: number)
            #expect(Handle(proposed.text) == proposed)
        }
    }

    @Test(arguments: ["Linh", "Nguyễn Văn A", "李小龍", "👩‍👩‍👧 family"])
    func `names of any script are taken`(raw: String) {
        #expect(DisplayName(raw)?.text == raw)
    }

    @Test(arguments: ["", "   ", "a\nb", "a\u{202E}b", "a\u{0000}", String(repeating: "x", count: 81)])
    func `names that are empty, too long or disturb the text around them are refused`(raw: String) {
        #expect(DisplayName(raw) == nil)
    }
}
