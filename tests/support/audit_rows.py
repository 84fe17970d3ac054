"""The rows of the audit log as SQLite holds them, oldest first."""


async def audit_rows(database, newest=-1):
    """Return all rows, or this many of the newest."""
    query = "SELECT * FROM audit ORDER BY seq DESC LIMIT ?"
    return await database.read(lambda db: list(db.query(query, [newest]))[::-1])
