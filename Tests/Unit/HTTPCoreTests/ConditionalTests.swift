import HTTPCore
import System
import Testing

struct ConditionalTests {
    private let tag = EntityTag("v2")

    private func result(_ method: HTTPRequest.Method, _ fields: HTTPFields, tag: EntityTag?) -> PreconditionResult {
        let time = HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT")
        let request = HTTPRequest(method: method, path: "/", headerFields: fields)
        return Precondition.evaluate(request, tag: tag, lastModified: time)
    }

    @Test func `If-Match lets only the known version be changed`() {
        #expect(result(.put, [.ifMatch: "\"v1\", \"v2\""], tag: tag) == .proceed)
        #expect(result(.put, [.ifMatch: "\"v1\""], tag: tag) == .failed)
        #expect(result(.put, [.ifMatch: "W/\"v2\""], tag: tag) == .failed)
        #expect(result(.put, [.ifMatch: "*"], tag: tag) == .proceed)
        #expect(result(.put, [.ifMatch: "*"], tag: nil) == .failed)
        #expect(result(.put, [.ifMatch: "v2"], tag: tag) == .failed)
    }

    @Test func `If-None-Match spares a read and guards a creation`() {
        #expect(result(.get, [.ifNoneMatch: "W/\"v2\""], tag: tag) == .notModified)
        #expect(result(.get, [.ifNoneMatch: "\"v1\""], tag: tag) == .proceed)
        #expect(result(.put, [.ifNoneMatch: "*"], tag: tag) == .failed)
        #expect(result(.put, [.ifNoneMatch: "*"], tag: nil) == .proceed)
    }

    @Test func `dates count only without tags`() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
        #expect(result(.get, [.ifModifiedSince: date], tag: tag) == .notModified)
        #expect(result(.get, [.ifModifiedSince: earlier], tag: tag) == .proceed)
        #expect(result(.get, [.ifModifiedSince: date, .ifNoneMatch: "\"v1\""], tag: tag) == .proceed)
        #expect(result(.put, [.ifUnmodifiedSince: earlier], tag: tag) == .failed)
        #expect(result(.get, [.ifModifiedSince: "yesterday"], tag: tag) == .proceed)
    }

    @Test func `dates are written and read`() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Sat, 29 Feb 2020 23:59:59 GMT"]
        {
            #expect(HTTPDate.parse(text).map(HTTPDate.format) == text)
        }
        #expect(HTTPDate.parse("Sun, 31 Feb 2020 00:00:00 GMT") == nil)
    }

    @Test func `ranges are cut to what there is`() {
        func range(_ value: String, ifRange: String? = nil, length: Int64 = 10) -> RangeRequest {
            var fields: HTTPFields = [.range: value]
            fields[.ifRange] = ifRange
            let request = HTTPRequest(method: .get, path: "/", headerFields: fields)
            return RangeRequest(request, length: length, tag: tag)
        }
        #expect(range("bytes=2-5") == .part(2..<6))
        #expect(range("bytes=2-") == .part(2..<10))
        #expect(range("bytes=-3") == .part(7..<10))
        #expect(range("bytes=-30") == .part(0..<10))
        #expect(range("bytes=0-99999999999999999999") == .part(0..<10))
        #expect(range("bytes=10-") == .unsatisfiable)
        #expect(range("bytes=-0") == .unsatisfiable)
        #expect(range("bytes=0-", length: 0) == .unsatisfiable)
        for text in ["bytes=5-2", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "bytes", "bytes=+1-2"] {
            #expect(range(text) == .whole)
        }
        #expect(range("bytes=2-5", ifRange: "\"v2\"") == .part(2..<6))
        #expect(range("bytes=2-5", ifRange: "\"v1\"") == .whole)
        #expect(RangeRequest.contentRange(2..<6, length: 10) == "bytes 2-5/10")
    }

    @Test func `rate limits are structured fields`() {
        let user = RateLimitField.policy(RateLimitField.name("user"), quota: 100, windowSeconds: 60)
        #expect(String(decoding: user, as: UTF8.self) == "\"user\";q=100;w=60")
        var text = RateLimitField.name("a\"b")
        RateLimitField.appendState(remaining: 5, resetSeconds: 3, to: &text)
        #expect(String(decoding: text, as: UTF8.self) == "\"a\\\"b\";r=5;t=3")
    }
}
