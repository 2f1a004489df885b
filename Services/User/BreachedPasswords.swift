import Outbound
import Security
import ServiceKit
import Synchronization
import System
import Telemetry

/// Asks a range service, such as `https://api.pwnedpasswords.com/range/`, whether a password was stolen elsewhere. Of its
/// SHA-1 the first five hexadecimal digits leave the machine, which a thousand known passwords share; who listens to the
/// sizes of the answers is told nothing either, since padding is asked for. Neither the password nor any part of its digest
/// is logged. Any task.
final class BreachedPasswords: Sendable {
    /// What one question may take; a password is taken when it takes longer.
    static let deadlineMilliseconds = 1000
    /// Answers that are kept; the oldest goes for a new one.
    static let keptRanges = 128
    /// How long an answer is good.
    static let keptSeconds: Int64 = 3600
    /// Bytes of an answer: ten times what is usual.
    static let maximumAnswer = 1 << 20
    /// Digits that leave the machine.
    private static let prefixLength = 5
    private static let suffixLength = 35
    /// Digits of the rest that are kept: 64 bits, by which nobody is refused by chance.
    private static let markLength = 16

    private struct Range {
        let marks: [UInt64]
        let until: Timestamp
    }

    private let url: String
    private let outbound: OutboundClient
    private let clock: WallClock
    private let logger: Logger
    private let ranges = Mutex<[String: Range]>([:])

    /// Asks below the URL, for as long as the service runs.
    init(_ service: ServiceBuilder, url: String) throws {
        let outbound = try OutboundClient()
        service.onStop { outbound.close() }
        self.url = url
        self.outbound = outbound
        clock = service.clock
        logger = service.logger
    }

    /// Reads `BREACHED_PASSWORDS_URL`; nil when it is not set: nobody outside is asked unless an operator wants it.
    static func url(_ reader: inout ConfigurationReader) -> String? {
        guard var url = reader.optionalString("BREACHED_PASSWORDS_URL") else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        if !url.hasPrefix("https://"), !url.hasPrefix("http://") {
            reader.report("BREACHED_PASSWORDS_URL must begin with http:// or https://")
        }
        return url
    }

    /// Whether the password is a known one. False too when the service gives no answer: it is down, not the password good,
    /// and a counter says so.
    func contain(_ password: String) async throws -> Bool {
        let digits = Hexadecimal.encode(HashFunction.sha1.digest(password)).uppercased()
        let (prefix, suffix) = (String(digits.prefix(Self.prefixLength)), digits.dropFirst(Self.prefixLength))
        guard let mark = UInt64(suffix.prefix(Self.markLength), radix: 16) else { return false }
        guard let marks = try await range(prefix) else {
            count("failed")
            return false
        }
        let isKnown = marks.contains(mark)
        count(isKnown ? "breached" : "unknown")
        return isKnown
    }

    /// The known passwords of a range; nil without an answer.
    private func range(_ prefix: String) async throws -> [UInt64]? {
        let now = clock.now
        if let kept = ranges.withLock({ $0[prefix] }), kept.until > now { return kept.marks }
        let request = OutboundRequest(
            "GET",
            "\(url)/\(prefix)",
            headers: [("Add-Padding", "true"), ("User-Agent", "Marquee")],
            deadlineMilliseconds: Self.deadlineMilliseconds,
            maximumResponseBytes: Self.maximumAnswer,
            // The operator's own choice, and perhaps a mirror in their own network.
            publicOnly: false
        )
        do {
            let answer = try await outbound.send(request)
            guard answer.status == 200 else {
                warn("status \(answer.status)")
                return nil
            }
            let marks = Self.marks(in: answer.body)
            keep(Range(marks: marks, until: now.adding(seconds: Self.keptSeconds)), of: prefix)
            return marks
        } catch let error as OutboundError {
            try Task.checkCancellation()
            // Its detail may name the address, and by that the prefix.
            warn(error.code.rawValue)
            return nil
        }
    }

    private func keep(_ range: Range, of prefix: String) {
        ranges.withLock { ranges in
            if ranges.count >= Self.keptRanges, let oldest = ranges.min(by: { $0.value.until < $1.value.until }) {
                ranges[oldest.key] = nil
            }
            ranges[prefix] = range
        }
    }

    private func warn(_ reason: String) {
        logger.warning("no answer about breached passwords", metadata: ["error": "\(reason)"])
    }

    /// Of lines `<35 digits>:<how often>`; how often is 0 in padding, and what is no such line is passed over.
    static func marks(in body: [UInt8]) -> [UInt64] {
        body.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.compactMap { line in
            let parts = String(decoding: line, as: UTF8.self).split(separator: ":")
            guard parts.count == 2, parts[0].utf8.count == suffixLength, let times = UInt64(parts[1]), times > 0 else {
                return nil
            }
            return UInt64(parts[0].prefix(markLength), radix: 16)
        }
    }

    private func count(_ outcome: String) {
        let help = "New passwords that a range service was asked about."
        MetricRegistry.shared.counter("user.breach.checks", help: help, labels: ["outcome": outcome]).increment()
    }
}
