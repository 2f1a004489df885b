"""Names the tables that hold a text or an id: tables.py FOLDER TEXT.

Looks at every column of every row of the SQLite files in and below the folder. An id is found as text and as the 16
bytes of a UUID.
"""

import pathlib
import sqlite3
import sys
import uuid


def needles(text: str) -> list[bytes]:
    try:
        return [text.encode(), uuid.UUID(text).bytes]
    except ValueError:
        return [text.encode()]


def holds(row, wanted: list[bytes]) -> bool:
    values = (value.encode() if isinstance(value, str) else value for value in row)
    return any(isinstance(value, bytes) and needle in value for value in values for needle in wanted)


def main():
    folder, text = sys.argv[1:]
    wanted = needles(text)
    for path in sorted(pathlib.Path(folder).rglob("*.sqlite")):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in names:
            if any(holds(row, wanted) for row in database.execute(f'SELECT * FROM "{name}"')):
                print(f"{path.stem}.{name}")


main()
