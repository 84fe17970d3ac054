"""Pages of a database file that a bad disk has overwritten."""

import sqlite3
from contextlib import closing

PAGE = 4096


def damage(path, table, page=-1):
    """Overwrite a page of a table: its last one, or another that it has."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = [row[0] for row in db.execute("SELECT pageno FROM dbstat WHERE name = ?", [table])]
    with path.open("r+b") as file:
        file.seek((pages[page] - 1) * PAGE)
        file.write(b"\xff" * PAGE)
