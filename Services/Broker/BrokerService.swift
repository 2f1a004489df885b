import EventLog
import LogBroker
import System
import Telemetry

/// The log broker as a program: `broker` serves, `broker dump-log FILE…` prints segments, `broker topics list` and the like
/// look after a running one.
@main
enum Main {
    static func main() async {
        Process.prepare()
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "dump-log" { Process.exit(DumpLog.run(Array(arguments.dropFirst()))) }
        if arguments.first == "--help" || arguments.first == "help" {
            StandardOutput.writeLine(AdminCommand.help)
            Process.exit(0)
        }
        guard arguments.isEmpty else { Process.exit(await AdminCommand.run(arguments)) }
        let logger = Logger(label: "broker")
        do {
            try await serve(logger)
        } catch {
            logger.critical("broker ended: \(error)")
            Process.exit(1)
        }
    }

    private static func serve(_ logger: Logger) async throws {
        let settings = try BrokerSettings.read(logger: logger)
        // One process at a time may have the data: held until this one ends.
        let lock = try FileLock(settings.broker.dataDirectory + "/.lock")
        let broker = try await Broker(settings.broker)
        let health = try settings.healthAddress.map { address in
            let backup = try BackupRoutes(broker, dataDirectory: settings.broker.dataDirectory)
            return try HealthServer(address, broker: broker, backup: backup)
        }
        try Process.onTermination { _ in broker.stop() }
        try await withThrowingDiscardingTaskGroup { group in
            if let health { group.addTask { await health.run() } }
            // It answers until the logs are closed.
            defer { health?.stop() }
            try await broker.run()
        }
        withExtendedLifetime(lock) { logger.notice("broker stopped") }
    }
}
