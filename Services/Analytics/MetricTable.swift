import HTTPCore
import HTTPTransport
import System

/// A metric as comma-separated values (RFC 4180) for spreadsheets, which take what begins like a formula for one: such
/// text gets an apostrophe in front (OWASP, CSV injection).
enum MetricTable {
    /// What the name of a metric ends with when a table is asked for.
    static let suffix = ".csv"

    static func response(_ metric: Metric, _ values: [MetricValue]) -> Response {
        let name = metric.definition.name
        return Response(
            .ok,
            [
                .contentType: "text/csv; charset=utf-8; header=present",
                .contentDisposition: "attachment; filename=\"\(name).csv\"",
            ],
            body: .bytes(Array(text(metric, values).utf8))
        )
    }

    static func text(_ metric: Metric, _ values: [MetricValue]) -> String {
        let hasDurations = metric.definition.kind == .percentiles
        let columns = ["start", "key"] + (hasDurations ? ["count", "p50", "p95", "p99"] : ["value", "currency"])
        var lines = [columns.joined(separator: ",")]
        for value in values {
            let numbers =
                hasDurations
                ? ["\(value.count ?? 0)"] + [value.p50, value.p95, value.p99].map { "\($0 ?? 0)" }
                : [number(value.value), cell(value.currency ?? "")]
            lines.append(([value.start.description, cell(value.key)] + numbers).joined(separator: ","))
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    /// A text as a cell.
    static func cell(_ text: String) -> String {
        var text = text
        let isFormula = text.unicodeScalars.first { $0 != " " }.map {
            "=+-@\t\r\n|%\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars.contains($0)
        }
        if isFormula == true { text = "'" + text }
        guard text.utf8.contains(where: { [0x2C, 0x22, 0x0A, 0x0D].contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
