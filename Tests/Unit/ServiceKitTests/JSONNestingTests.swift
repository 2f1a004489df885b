import Contracts
import Security
import ServiceKit
import System
import Testing

struct JSONNestingTests {
    @Test(arguments: [129, 512, 513, 514, 3000])
    func `what is nested too deep is refused and ends nothing`(depth: Int) {
        for bracket in ["[", #"{"a":"#] {
            let text = Array(String(repeating: bracket, count: depth).utf8)
            #expect(JSONNesting.isTooDeep(text))
            #expect(throws: Problem.self) { try JSONBody.decode([Int].self, from: text) }
            #expect(throws: (any Error).self) { try JSONWebKeySet(json: text) }
            let token = "\(Base64.encodeURLSafe(text)).e30.AA"
            #expect(throws: TokenError.self) {
                try TokenVerifier(keys: [], issuer: "i", audience: "a")
                    .verify(token, at: Timestamp(milliseconds: 0))
            }
        }
    }

    @Test func `brackets in strings and those that were closed do not count`() {
        let brackets = String(repeating: "[", count: 1000)
        #expect(!JSONNesting.isTooDeep(#"{"a":"\"\#(brackets)"}"#.utf8))
        #expect(!JSONNesting.isTooDeep(String(repeating: "[]", count: 1000).utf8))
        #expect(!JSONNesting.isTooDeep(String(repeating: "[", count: JSONNesting.limit).utf8))
    }
}
