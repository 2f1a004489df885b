#pragma once
#include <sqlite3.h>

// Macros with casts or shifts are not imported by Swift.
static const int sqlite_constraint_unique = SQLITE_CONSTRAINT_UNIQUE;
static const int sqlite_constraint_primary_key = SQLITE_CONSTRAINT_PRIMARYKEY;
static const int sqlite_constraint_foreign_key = SQLITE_CONSTRAINT_FOREIGNKEY;

/// Binds a copy of the text.
static inline int sqlite_bind_text_copy(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, text ? text : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// Binds a copy of the bytes; no bytes are an empty BLOB, not NULL.
static inline int sqlite_bind_blob_copy(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return count ? sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT)
                 : sqlite3_bind_zeroblob(statement, index, 0);
}

/// Refuses what SQL text could use to damage the file (writable_schema, shadow tables).
static inline int sqlite_set_defensive(sqlite3 *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
}
