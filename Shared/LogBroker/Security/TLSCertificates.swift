import Security
import Synchronization
import System
import Telemetry

/// The certificate that new connections are shown: read again when its files have changed, so that a renewed one needs no
/// restart. Connections keep the one they began with. Any thread.
final class TLSCertificates: Sendable {
    /// How often the files are looked at.
    static let checkInterval = Duration.seconds(2)

    private struct State {
        var context: TLSServerContext
        var files: [FileStatus?]
    }

    private let configuration: TLSServerConfiguration
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the files. Blocks. Errors: TLSError.
    init(_ configuration: TLSServerConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let files = try Self.status(configuration)
        state = Mutex(State(context: try TLSServerContext(configuration), files: files))
    }

    /// What a new connection begins with.
    var current: TLSServerContext { state.withLock { $0.context } }

    /// Reads the files again if they have changed; what cannot be used is logged, once for each change, and the old
    /// certificate stays. Blocks.
    func reloadIfChanged() {
        do {
            // Looked at before they are read: what changes meanwhile is a change next time.
            let files = try Self.status(configuration)
            guard state.withLock({ $0.files != files }) else { return }
            state.withLock { $0.files = files }
            let context = try TLSServerContext(configuration)
            state.withLock { $0.context = context }
            logger.notice("certificate read again")
        } catch {
            logger.error("the certificate stays as it was: \(error)")
        }
    }

    private static func status(_ configuration: TLSServerConfiguration) throws -> [FileStatus?] {
        try [configuration.certificate, configuration.key, configuration.clientAuthorities ?? ""].map {
            try $0.isEmpty ? nil : File.status($0)
        }
    }
}
