import EventLog
import KafkaProtocol
import Synchronization
import Telemetry

/// The settings that clients make, kept in the store and handed to who applies them. Reading: any thread.
final class SettingsKeeper: Sendable {
    private let state: Mutex<DynamicSettings>
    private let store: LogStore
    private let apply: @Sendable (DynamicSettings) -> Void

    /// Reads what is kept and applies it. Blocks.
    init(store: LogStore, logger: Logger, apply: @escaping @Sendable (DynamicSettings) -> Void) throws {
        self.store = store
        self.apply = apply
        var settings = DynamicSettings()
        if let bytes = try store.settings() {
            do throws(WireError) {
                settings = try DynamicSettings(bytes)
            } catch {
                logger.critical("settings cannot be read: \(error)")
            }
        }
        state = Mutex(settings)
        apply(settings)
    }

    /// What holds now.
    var current: DynamicSettings { state.withLock { $0 } }

    /// Changes the settings: durable and applied on return. Blocks, and must run on the store's job thread, where nobody
    /// else changes them meanwhile.
    func change(_ edit: (inout DynamicSettings) throws -> Void) throws {
        let before = current
        var settings = before
        try edit(&settings)
        guard settings != before else { return }
        try store.replaceSettings(settings.encoded)
        state.withLock { $0 = settings }
        apply(settings)
    }
}
