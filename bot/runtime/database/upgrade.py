"""The upgrade of a file to the tables of this release, and the refusal of files that it cannot continue."""

from sqlite_utils import Database, Migrations

from bot.domain.errors import StoreError
from bot.domain.release import RELEASE
from bot.runtime.database.schema import STEPS
from bot.runtime.database.sqlite import insert_new, write_transaction

schema = Migrations("pgbot")


def _register(name: str, statements: tuple[str, ...]) -> None:
    @schema(name=name)
    def step(db: Database) -> None:
        # Not executescript: it commits whatever transaction is open, and a step must be all or nothing.
        for statement in statements:
            db.execute(statement)


for _name, _statements in STEPS.items():
    _register(_name, _statements)


def upgrade(db: Database) -> None:
    """Run the steps that this file lacks, all of them or none. Raises SqlError, and StoreError for a file of
    another release that this one cannot continue.

    A file that lacks none is not locked: a second process that starts must not wait. What is lacking is asked
    again under the lock, since another process may have run it meanwhile.
    """
    require_known_format(db)
    if schema.pending(db):
        with write_transaction(db):
            schema.apply(db)
            row = {"steps": len(schema.applied(db)), "release": RELEASE}
            insert_new(db, "releases", row)
            _require_columns(db)


def require_known_format(db: Database) -> None:
    """Raise StoreError for a file that took a step which this release does not have."""
    unknown = [each.name for each in schema.applied(db) if each.name not in STEPS]
    if not unknown:
        return
    known = f"pgbot {RELEASE} knows formats up to {len(STEPS)}"
    if db.table("releases").exists():
        (release,) = db.execute("SELECT release FROM releases ORDER BY steps DESC LIMIT 1").fetchone()
        raise StoreError(
            f"The database was written by pgbot {release} in format {len(schema.applied(db))}, and {known}.",
            f"Start pgbot {release} or a later release, or restore a backup from before the upgrade.",
        )
    raise StoreError(
        f"The database has the step “{unknown[0]}”, which no release has, and {known}.",
        "It was written by a build between two releases: start that build, or restore an older backup.",
    )


def _require_columns(db: Database) -> None:
    """Raise StoreError for a file whose steps were other ones of the same names."""
    fresh = Database(memory=True, execute_plugins=False)
    for step in schema.pending(fresh):
        step.fn(fresh)
    for name in fresh.table_names():
        lacking = fresh.table(name).columns_dict.keys() - db.table(name).columns_dict.keys()
        if lacking:
            raise StoreError(
                f"The database lacks the column {name}.{min(lacking)}, so no release can continue it.",
                "It was written by a build between two releases: start that build, or restore an older "
                "backup.",
            )
