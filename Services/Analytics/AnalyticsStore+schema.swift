import Persistence

/// The tables. A generation is one making of everything that follows from topics which never expire; one is shown, and a
/// rebuild fills the next. Generation 0 is what follows from topics whose records expire: it cannot be made anew.
enum AnalyticsStore {
    /// What expires.
    static let recent: Int64 = 0

    static let migrations = [Migration(1, "metrics", metrics), Migration(2, "traces", traces)]

    private static let metrics = """
        CREATE TABLE generations (
            number INTEGER PRIMARY KEY,
            is_live INTEGER NOT NULL
        ) STRICT;
        INSERT INTO generations (number, is_live) VALUES (1, 1);
        CREATE TABLE points (
            generation INTEGER NOT NULL,
            series INTEGER NOT NULL,
            span INTEGER NOT NULL,
            start INTEGER NOT NULL,
            key TEXT NOT NULL,
            value INTEGER NOT NULL,
            PRIMARY KEY (generation, series, span, start, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sketches (
            generation INTEGER NOT NULL,
            series INTEGER NOT NULL,
            span INTEGER NOT NULL,
            start INTEGER NOT NULL,
            key TEXT NOT NULL,
            sketch BLOB NOT NULL,
            PRIMARY KEY (generation, series, span, start, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE standing (
            generation INTEGER NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 16),
            time INTEGER NOT NULL,
            quantity INTEGER NOT NULL,
            amount INTEGER NOT NULL,
            PRIMARY KEY (generation, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE showtimes (
            generation INTEGER NOT NULL,
            showtime TEXT NOT NULL,
            movie TEXT NOT NULL,
            PRIMARY KEY (generation, showtime)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE counted (
            generation INTEGER NOT NULL,
            subject TEXT NOT NULL,
            what TEXT NOT NULL,
            value INTEGER NOT NULL,
            PRIMARY KEY (generation, subject, what)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE reconciled (
            generation INTEGER NOT NULL,
            subject TEXT NOT NULL,
            kind TEXT NOT NULL,
            partition INTEGER NOT NULL,
            log_offset INTEGER NOT NULL,
            time INTEGER NOT NULL,
            reported TEXT NOT NULL,
            counted TEXT NOT NULL,
            drift INTEGER NOT NULL,
            PRIMARY KEY (generation, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX drifted ON reconciled (generation, subject, drift) WHERE drift != 0;
        CREATE TABLE seen (
            generation INTEGER NOT NULL,
            day INTEGER NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 16),
            PRIMARY KEY (generation, day, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE freshness (
            generation INTEGER NOT NULL,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            event_time INTEGER NOT NULL,
            applied_at INTEGER NOT NULL,
            PRIMARY KEY (generation, topic, partition)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE gateways (
            id TEXT PRIMARY KEY,
            first_sequence INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL,
            received INTEGER NOT NULL,
            dropped INTEGER NOT NULL,
            seen_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE rebuilds (
            id BLOB PRIMARY KEY CHECK (length(id) = 16),
            generation INTEGER NOT NULL,
            state TEXT NOT NULL,
            records INTEGER NOT NULL,
            total INTEGER NOT NULL,
            differences INTEGER,
            error TEXT,
            started_at INTEGER NOT NULL,
            finished_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX running ON rebuilds (state) WHERE state = 'running';
        """

    private static let traces = """
        CREATE TABLE trace_items (
            slot INTEGER NOT NULL,
            trace BLOB NOT NULL CHECK (length(trace) = 16),
            item TEXT NOT NULL,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            service TEXT NOT NULL,
            parent TEXT,
            cause TEXT,
            duration INTEGER,
            status INTEGER,
            topic TEXT,
            partition INTEGER,
            log_offset INTEGER,
            PRIMARY KEY (slot, trace, item)
        ) STRICT, WITHOUT ROWID;
        """
}
