import Contracts
import EventBus
import FoundationEssentials
import Persistence
import System

extension Transaction {
    /// Counts what a report of its owner will be compared with.
    borrowing func count(_ numbers: [String: Int64], of subject: String, _ generation: Int64) throws {
        for (what, number) in numbers {
            try execute(
                """
                INSERT INTO counted (generation, subject, what, value)
                VALUES (\(generation), \(subject), \(what), \(number))
                ON CONFLICT DO UPDATE SET value = value + excluded.value
                """
            )
        }
    }

    /// Compares a report with what was counted of the same log before the report's own place: they must be equal.
    borrowing func reconcile(
        _ reported: [String: Int64],
        of subject: String,
        kind: String,
        _ delivery: EventConsumer.Delivery,
        _ generation: Int64
    ) throws {
        let rows = try rows(
            "SELECT what, value FROM counted WHERE generation = \(generation) AND subject = \(subject)"
        ) { row in (try row[0] as String, try row[1] as Int64) }
        let counted = Dictionary(rows) { $1 }
        let drift = reported.reduce(0) { $0 + abs($1.value - counted[$1.key, default: 0]) }
        let position = delivery.position
        try execute(
            """
            INSERT INTO reconciled (generation, subject, kind, partition, log_offset, time, reported, counted, drift)
            VALUES (\(generation), \(subject), \(kind), \(position.partition.partition), \(position.offset),
                \(delivery.event.time), \(try Self.text(reported)), \(try Self.text(counted)), \(drift))
            ON CONFLICT DO UPDATE SET partition = excluded.partition, log_offset = excluded.log_offset,
                time = excluded.time, reported = excluded.reported, counted = excluded.counted, drift = excluded.drift
            """
        )
    }

    private static func text(_ numbers: [String: Int64]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(numbers), as: UTF8.self)
    }

    /// Notes entries of a gateway's log: its numbers have no gap, so one that is missing was lost.
    borrowing func note(_ entries: GatewayEntries, of gateway: String) throws {
        try execute(
            """
            INSERT INTO gateways (id, first_sequence, last_sequence, received, dropped, seen_at)
            VALUES (\(gateway), \(entries.first), \(entries.last), \(entries.received), \(entries.dropped),
                \(entries.seenAt))
            ON CONFLICT DO UPDATE SET first_sequence = min(first_sequence, excluded.first_sequence),
                last_sequence = max(last_sequence, excluded.last_sequence), received = received + excluded.received,
                dropped = max(dropped, excluded.dropped), seen_at = max(seen_at, excluded.seen_at)
            """
        )
    }
}

/// The outcome of the last report about a showtime or a target.
struct Reconciliation: Encodable, Sendable {
    let subject: String
    let kind: String
    let topic: String
    let partition: Int32
    let offset: Int64
    let time: Timestamp
    let reported: [String: Int64]
    let counted: [String: Int64]
    let drift: Int64
}

/// What is known of a gateway process's log.
struct GatewayLog: Encodable, Sendable {
    let gatewayID: String
    /// Entries that came in.
    let received: Int64
    /// Entries that did not.
    let lost: Int64
    let seenAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case gatewayID = "gateway_id"
        case received, lost
        case seenAt = "seen_at"
    }
}

extension Connection {
    /// Outcomes in order of their subjects, after one; all of them or those that differ.
    func reconciliations(
        _ generation: Int64,
        onlyDrifted: Bool,
        after subject: String,
        limit: Int
    ) throws -> [Reconciliation] {
        let columns: SQL = "SELECT subject, kind, partition, log_offset, time, reported, counted, drift FROM reconciled"
        let range: SQL = "generation = \(generation) AND subject > \(subject) ORDER BY subject LIMIT \(limit)"
        return try rows(
            onlyDrifted
                ? "\(columns) INDEXED BY drifted WHERE drift != 0 AND \(range)" : "\(columns) WHERE \(range)"
        ) { row in
            let decoder = JSONDecoder()
            let (kind, reported, counted): (String, String, String) = (try row[1], try row[5], try row[6])
            return Reconciliation(
                subject: try row[0],
                kind: kind,
                topic: kind == "tickets" ? Topic.ticketEvents.name : Topic.likeEvents.name,
                partition: try row[2],
                offset: try row[3],
                time: try row[4],
                reported: try decoder.decode([String: Int64].self, from: Data(reported.utf8)),
                counted: try decoder.decode([String: Int64].self, from: Data(counted.utf8)),
                drift: try row[7]
            )
        }
    }

    /// Gateway processes whose log is held, the latest of them.
    func gatewayLogs(limit: Int) throws -> [GatewayLog] {
        try rows(
            """
            SELECT id, received, last_sequence - first_sequence + 1 - received, seen_at FROM gateways
            WHERE id > '' ORDER BY id LIMIT \(limit)
            """
        ) { row in
            GatewayLog(gatewayID: try row[0], received: try row[1], lost: max(0, try row[2]), seenAt: try row[3])
        }
    }
}
