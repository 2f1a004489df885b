import Contracts
import ServiceKit
import System
import Testing

@Suite struct JSONBodyTests {
    private struct Seat: Decodable {
        var row: String
        var number: Int
    }

    private struct Order: Decodable {
        var id: Identifier
        var seats: [Seat]
        var note: String?
        var tags: [String: Int]?
    }

    private let id = #""id":"018f3b5a-7c1e-7a3b-9c1d-0123456789ab""#

    private func refusal(_ json: String, contentType: String? = "application/json") -> Problem? {
        do throws(Problem) {
            _ = try JSONBody.decode(Order.self, from: Array(json.utf8), contentType: contentType)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a body that fits is taken, optional members left out or null`() throws {
        #expect(refusal("{\(id),\"seats\":[{\"row\":\"A\",\"number\":1}]}") == nil)
        #expect(refusal("{\(id),\"seats\":[],\"note\":null,\"tags\":{\"any\":1}}") == nil)
    }

    @Test func `unknown members are named by their pointers, at any depth`() {
        let problem = refusal("{\(id),\"seats\":[{\"row\":\"A\",\"number\":1,\"a/b\":0}],\"x\":1}")
        #expect(problem?.code == .unknownField)
        #expect(problem?.errors.map(\.pointer) == ["/seats/0/a~1b", "/x"])
    }

    @Test func `a missing, null or mistyped member is named`() {
        #expect(refusal("{\(id)}")?.errors.first?.pointer == "/seats")
        #expect(refusal("{\(id)}")?.errors.first?.code == "required")
        let mistyped = refusal("{\(id),\"seats\":[{\"row\":\"A\",\"number\":\"1\"}]}")
        #expect(mistyped?.code == .invalidRequest)
        #expect(mistyped?.errors.first?.pointer == "/seats/0/number")
        #expect(mistyped?.errors.first?.code == "invalid_type")
        #expect(refusal(#"{"id":"x","seats":[]}"#)?.errors.first?.pointer == "/id")
        #expect(refusal("[]")?.code == .invalidRequest)
    }

    @Test(arguments: ["", "{", "{\"id\"", "nul", "{}x"])
    func `what is no JSON is malformed`(text: String) {
        #expect(refusal(text)?.code == .malformedJSON)
    }

    @Test func `size and type are checked first`() {
        #expect(refusal("{}", contentType: "text/plain")?.code == .unsupportedMediaType)
        #expect(refusal("{}", contentType: "Application/JSON ; charset=utf-8")?.code == .invalidRequest)
        let large = "{\"note\":\"" + String(repeating: "x", count: JSONBody.sizeLimit) + "\"}"
        #expect(refusal(large)?.code == .payloadTooLarge)
    }
}
