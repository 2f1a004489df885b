import EventBus
import EventLog
import FoundationEssentials
import KafkaProtocol
import Persistence
import System

/// The databases and the log of a backup, judged by what is in them: each sound, and all of one instant.
struct BackupContents {
    /// The folder `data` of the backup.
    let data: String

    /// What was found.
    struct Findings: Equatable {
        var clusterID = ""
        /// By service.
        var schemas: [String: Int] = [:]
        var records = 0
    }

    /// Reads all of it. Errors: databaseDamaged, logDamaged, inconsistent.
    func check() throws -> Findings {
        var findings = Findings()
        var lastRows: [String: Int64] = [:]
        var places: [DatabaseCopy.Place] = []
        for name in try services() {
            let path = "\(data)/\(name)/\(name).sqlite"
            do {
                let copy = try DatabaseCopy(path)
                let problems = try copy.problems()
                guard problems.isEmpty else { throw BackupError(.databaseDamaged, "\(path): \(problems[0])") }
                findings.schemas[name] = try copy.schemaVersion()
                lastRows[name] = try copy.lastOutboxRow()
                places += try copy.places()
            } catch let error as DatabaseError {
                throw BackupError(.databaseDamaged, "\(path): \(error)")
            }
        }
        do {
            let log = try LogImage(directory: "\(data)/broker")
            findings.clusterID = log.clusterID
            try check(places, in: log)
            findings.records = try readRecords(of: log, lastRows)
        } catch let error as LogImage.Damage {
            throw BackupError(.logDamaged, "\(error)")
        }
        return findings
    }

    /// Services with a database, in order.
    private func services() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: data).sorted().filter {
            File.exists("\(data)/\($0)/\($0).sqlite")
        }
    }

    /// Nobody has consumed what the log lacks.
    private func check(_ places: [DatabaseCopy.Place], in log: LogImage) throws {
        var ends: [String: [Int32: Int64]] = [:]
        for partition in log.partitions {
            ends[partition.topic, default: [:]][partition.index] = partition.offsets.upperBound
        }
        for place in places {
            let offset = place.offset
            let end = ends[offset.topic]?[offset.partition] ?? 0
            guard place.cluster == log.clusterID, offset.next <= end else {
                throw BackupError(
                    .inconsistent,
                    "\(place.group) is at \(offset.next) of \(offset.topic) [\(offset.partition)] of cluster"
                        + " \(place.cluster), the log of \(log.clusterID) ends at \(end)"
                )
            }
        }
    }

    /// No record comes from an outbox row that its service's copy does not know: it would give the number once more. The
    /// number of records.
    private func readRecords(of log: LogImage, _ lastRows: [String: Int64]) throws -> Int {
        var count = 0
        for partition in log.partitions {
            try log.forEachBatch(of: partition) { header, bytes in
                guard !header.attributes.contains(.control) else { return }
                var cursor = try RecordCursor(bytes)
                while let record = try cursor.next() {
                    count += 1
                    guard let (service, row) = Self.origin(of: record), let last = lastRows[service], row > last else {
                        continue
                    }
                    throw BackupError(
                        .inconsistent,
                        "\(partition.topic) [\(partition.index)] has row \(row) of \(service), whose copy ends at \(last)"
                    )
                }
            }
        }
        return count
    }

    /// The service and the outbox row that a record names.
    private static func origin(of record: Record) -> (service: String, row: Int64)? {
        func text(_ name: String) -> String? {
            record.headers.last { $0.key.elementsEqual(name.utf8) }?.value.map { String(decoding: $0, as: UTF8.self) }
        }
        guard let source = text(HeaderName.source), source.hasPrefix("/"),
            let row = text(HeaderName.position).flatMap(Int64.init)
        else { return nil }
        return (String(source.dropFirst()), row)
    }
}
