import Persistence

extension Transaction {
    /// Notes that items made by presets before these are to be made anew.
    borrowing func beginReprocessing(presets: Int) throws {
        try execute(
            """
            INSERT INTO reprocessing (only, preset_version) VALUES (1, \(presets))
            ON CONFLICT (only) DO UPDATE SET preset_version = excluded.preset_version
            """
        )
    }

    /// Notes that all have been asked for.
    borrowing func endReprocessing() throws {
        try execute("DELETE FROM reprocessing WHERE only = 1")
    }
}

extension Connection {
    /// The presets that older items are to be made by; nil when there is nothing to do.
    func reprocessing() throws -> Int? {
        try value("SELECT preset_version FROM reprocessing WHERE only = 1")
    }
}
