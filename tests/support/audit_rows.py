"""The rows of the audit log as SQLite holds them, oldest first."""


async def audit_rows(database, newest=None):
    """Return all rows, or this many of the newest."""

    def read(db):
        return list(db["audit"].rows_where(order_by="seq desc", limit=newest))[::-1]

    return await database.read(read)
