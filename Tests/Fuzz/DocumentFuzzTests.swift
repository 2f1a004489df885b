import Contracts
import EventBus
import FoundationEssentials
import Security
import ServiceKit
import System
import Telemetry
import Testing

/// The readers of documents: JSON bodies, tokens, the envelopes of events.
struct DocumentFuzzTests {
    private struct Sample: Codable, Equatable {
        struct Inner: Codable, Equatable {
            var id: Identifier?
            var numbers: [Int64]
        }

        var name: String
        var at: Timestamp?
        var inner: [Inner]
        var flags: [String: Bool]?
    }

    @Test func `a JSON body is decoded or refused, however deep it is`() {
        let corpus = [
            #"{"name":"a","at":"2026-01-01T00:00:00.000Z","inner":[{"id":"018f2d3e-7c00-7000-8000-000000000000","numbers":[1,-2]}]}"#,
            #"{"name":"\u00e9\ud83d\ude00\n","inner":[],"flags":{"x":true}}"#,
            #"{"name":1e400,"inner":null,"other":0}"#,
            String(repeating: "[", count: 3000), String(repeating: "{\"a\":", count: 1000),
            #"{"name":"a","name":"b","inner":[]}"#,
        ]
        let words = [
            "\\u0000", "\\ud800", "null", "[[", "{\"", "1e999", "-0", "9223372036854775808", "\"inner\":[", "\u{FEFF}",
        ]
        let fault = Fuzzer(corpus, words: words).run("JSON") { bytes, _ in
            let sample: Sample
            do throws(Problem) {
                sample = try JSONBody.decode(Sample.self, from: bytes)
            } catch {
                return (400..<500).contains(error.code.status) ? nil : "\(error)"
            }
            // An accepted body means the same when it is written and read again.
            let again = try JSONBody.decode(Sample.self, from: Array(JSONEncoder().encode(sample)))
            return again == sample ? nil : "\(sample) became \(again)"
        }
        #expect(fault == nil)
    }

    @Test func `JSON written by hand is read back by the decoder`() {
        let fault = Fuzzer(
            ["plain", "\"\\/\u{8}\u{c}\n\r\t\0", "\u{7f}\u{2028}é\u{10FFFF}"],
            words: ["\u{1f}", "\\", "\""]
        ).run(
            "flat JSON"
        ) {
            bytes,
            chance in
            struct Flat: Decodable {
                var a: String
                var b: Int64
            }
            let (text, number) = (String(decoding: bytes, as: UTF8.self), Int64(bitPattern: chance.next()))
            var json = FlatJSON()
            json.add("a", text)
            json.add("b", number)
            let flat = try JSONDecoder().decode(Flat.self, from: Data(json.finish()))
            return flat.a == text && flat.b == number ? nil : "\(flat)"
        }
        #expect(fault == nil)
    }

    @Test func `no change of a token is let through`() throws {
        let key = try SigningKey()
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let token = AccessToken(
            id: .version7(at: now),
            userID: .version7(at: now),
            sessionID: .version7(at: now),
            roles: ["user"],
            issuer: "i",
            audience: "a",
            issuedAt: now,
            lifetime: 60
        )
        let good = try TokenSigner(key: key).sign(token)
        let verifier = TokenVerifier(keys: [key.verifyingKey], issuer: "i", audience: "a")
        #expect(try verifier.verify(good, at: now) == token)
        // {"alg":"none","typ":"at+jwt","kid":"x"}
        let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoieCJ9"
        let fault = Fuzzer([good, none + ".e30.", "..", "a.b.c"], words: [".", "=", "-", "_", "e30", none]).run(
            "tokens"
        ) {
            bytes,
            _ in
            let text = String(decoding: bytes, as: UTF8.self)
            guard text != good else { return nil }
            do throws(TokenError) {
                return "let through: \(try verifier.verify(text, at: now))"
            } catch {
                return nil
            }
        }
        #expect(fault == nil)
    }

    @Test func `a key set is read or refused`() throws {
        let json = try JSONWebKeySet(keys: [SigningKey().verifyingKey]).json()
        let fault = Fuzzer([json, Array("{\"keys\":[]}".utf8)], words: ["{}", "null", "[", "AAAA", "\""]).run(
            "key sets"
        ) {
            bytes,
            _ in
            do {
                let keys = try JSONWebKeySet(json: bytes)
                return try JSONWebKeySet(json: keys.json()) == keys ? nil : "\(keys)"
            } catch {
                return nil
            }
        }
        #expect(fault == nil)
    }

    @Test func `an envelope that is read is the envelope that is written`() throws {
        let id = "018f2d3e-7c00-7000-8000-000000000000"
        let headers = [
            "ce_specversion=1.0", "ce_id=\(id)", "ce_source=/user", "ce_type=user.registered",
            "ce_time=2026-01-01T00:00:00.000Z", "ce_subject=s", "ce_correlationid=\(id)", "ce_sequence=3", "key=k",
        ].joined(separator: "\n")
        let fault = Fuzzer([headers], words: ["\n", "=", "ce_", "\0", "9223372036854775808", "2026-02-30T25:00:00Z"])
            .run(
                "envelopes"
            ) {
                bytes,
                chance in
                let lines = bytes.split(separator: 10).map { line -> EventHeader in
                    let parts = line.split(separator: 61, maxSplits: 1, omittingEmptySubsequences: false)
                    return EventHeader(
                        String(decoding: parts[0], as: UTF8.self),
                        parts.count > 1 ? Array(parts[1]) : nil
                    )
                }
                let key = chance.below(2) == 0 ? Array("k".utf8) : lines.first?.value
                do throws(EventError) {
                    let event = try Event(topic: "t", key: key, headers: lines, value: bytes)
                    let again = try Event(topic: "t", key: Array(event.key.utf8), headers: event.headers, value: bytes)
                    return again == event ? nil : "\(event) became \(again)"
                } catch {
                    return nil
                }
            }
        #expect(fault == nil)
    }

    @Test func `ids, times and traces that are read are those that are written`() {
        let corpus = [
            "018f2d3e-7c00-7000-8000-000000000000", "2026-01-01T00:00:00.000Z", "1969-12-31T23:59:60+23:59",
            "0000-01-01T00:00:00Z",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ]
        let fault = Fuzzer(corpus, words: ["9999-", "-", "+14:00", ".999999999999", "Z", "T"]).run("ids and times") {
            bytes,
            _ in
            let text = String(decoding: bytes, as: UTF8.self)
            if let id = Identifier(text), Identifier(id.description) != id { return "id \(id)" }
            if let time = Timestamp(rfc3339: text), Timestamp(rfc3339: time.description) != time {
                return "time \(time)"
            }
            if let trace = TraceContext(traceparent: text), TraceContext(traceparent: trace.traceparent) != trace {
                return "trace \(trace)"
            }
            return nil
        }
        #expect(fault == nil)
    }
}
