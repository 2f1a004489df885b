import EventBus
import Persistence
import Telemetry

/// `--rebuild`: builds the projections of a service anew, from the start of the log to where the service has come, in a
/// copy of its file, and takes them over in one transaction. Nothing is published: the copy's outbox has no relay. Truth
/// stays as it is. The service must not run meanwhile: its file is held.
final class ProjectionRebuild {
    private let live: OfflineDatabase
    private let copy: String

    /// Takes the file at a path and makes its copy. Blocks.
    init(of path: String) throws {
        live = try OfflineDatabase(path)
        copy = path + ".rebuild"
        try live.copy(to: copy)
    }

    /// Where the copy is.
    var path: String { copy }

    /// Applies anew what each consumer with projections had applied, and takes the tables over.
    func run(_ builder: ServiceBuilder) async throws {
        guard let database = builder.database else { return }
        for consumer in builder.consumers {
            let group = consumer.group
            guard let tables = builder.projections[group] else { continue }
            try await replay(consumer, group, tables, database)
        }
        await database.close()
        let tables = builder.projections.values.flatMap(\.self).sorted()
        if tables.isEmpty {
            builder.logger.notice("nothing to rebuild: every table is truth")
        } else {
            for (table, changes) in try live.replace(tables, from: copy).sorted(by: { $0.key < $1.key }) {
                builder.logger.notice("rebuilt", metadata: ["table": "\(table)", "changes": .count(changes)])
            }
        }
        try OfflineDatabase.remove(copy)
    }

    private func replay(
        _ consumer: EventConsumer,
        _ group: String,
        _ tables: [String],
        _ database: Database
    ) async throws {
        let places = try await database.read { connection in
            try connection.offsetClusters(group: group).map { ($0, try connection.offsets(cluster: $0, group: group)) }
        }
        try await database.write { transaction in
            try transaction.forgetApplied(by: group)
            for table in tables { try transaction.execute(SQL(stringLiteral: "DELETE FROM \(table)")) }
        }
        for (cluster, places) in places { try await consumer.replay(upTo: places, ofCluster: cluster) }
    }
}
