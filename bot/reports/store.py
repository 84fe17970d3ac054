"""Reports in SQLite: those made in Slack, where each stands, its slots, and what it said."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.reports.record import Report, ReportStatus, Result, Slot, SlotState
from bot.reports.snapshot import ReportSnapshot
from bot.runtime.database.database import SqliteDatabase
from bot.settings.report_settings import ReportSetting

KEPT_RESULTS = 30
"""Of each report: the last is what the next is held against, the others make the trend."""

Also = Callable[[Sqlite], object]
"""What is written with a change if, and only if, that is: its row in the audit."""

_OPEN = "state IN ('waiting', 'being made')"
_SLOT = tuple(each.name for each in fields(Slot))


class ReportRows:
    """All methods raise StoreError; then nothing was done."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def made_in_slack(self) -> list[Report]:
        """By name."""
        return await self._database.read(
            lambda db: [_report(row) for row in db.query("SELECT * FROM reports ORDER BY name")]
        )

    async def add(self, report: Report) -> bool:
        """False when the name is taken."""

        def work(db: Sqlite) -> bool:
            done = db.execute(
                "INSERT INTO reports VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [
                    report.name,
                    report.setting.model_dump_json(by_alias=True),
                    report.by,
                    report.team,
                    text(report.at),
                ],
            )
            if done.rowcount == 1:
                # Of an earlier one of this name nothing is left: its slots were times of another schedule.
                _forget(db, report.name)
            return bool(done.rowcount == 1)

        return await self._database.write(work)

    async def remove(self, name: str) -> bool:
        """False when there is none. Slots that are over stay, so that its history can be looked up."""

        def work(db: Sqlite) -> bool:
            done = db.execute("DELETE FROM reports WHERE name = ?", [name])
            _forget(db, name)
            return bool(done.rowcount == 1)

        return await self._database.write(work)

    async def standings(self) -> dict[str, ReportStatus]:
        """By name, of every report that has been looked at."""
        return await self._database.read(
            lambda db: {row["name"]: _standing(row) for row in db.query("SELECT * FROM report_standings")}
        )

    async def stand(self, name: str, **changes: object) -> None:
        """Change where a report stands."""
        await self._database.write(lambda db: _stand(db, name, changes))

    async def plan(self, name: str, slots: Iterable[Slot], seen_until: datetime) -> None:
        """Add slots that are not there yet, and remember that those up to `seen_until` are, at once."""
        rows = [_row(each) for each in slots]

        def work(db: Sqlite) -> None:
            for row in rows:
                _insert(db, row)
            _stand(db, name, {"seen_until": seen_until})

        await self._database.write(work)

    async def see(self, until: Mapping[str, datetime]) -> None:
        """Remember of these reports, by name, that nothing else was due until then."""

        def work(db: Sqlite) -> None:
            for name, at in until.items():
                _stand(db, name, {"seen_until": at})

        await self._database.write(work)

    async def ask(self, slot: Slot) -> None:
        """Add one slot that a person asked for; a microsecond later where there is one at its time."""

        def work(db: Sqlite) -> None:
            wanted = slot
            while not _insert(db, _row(wanted)):
                wanted = replace(wanted, at=wanted.at + timedelta(microseconds=1))

        await self._database.write(work)

    async def slot(self, report: str, at: datetime) -> Slot | None:
        """One, or None."""
        found = await self._slots("report = ? AND at = ?", report, text(at))
        return found[0] if found else None

    async def open_slots(self) -> list[Slot]:
        """Waiting and being made, the oldest first."""
        return await self._slots(f"{_OPEN} ORDER BY at, report")

    async def latest(self, report: str, limit: int = 10) -> list[Slot]:
        """The last slots of a report, newest first."""
        return await self._slots("report = ? ORDER BY at DESC LIMIT ?", report, limit)

    async def last_told(self, report: str, before: datetime) -> Slot | None:
        """The last slot before that one which was made or could not be made."""
        found = await self._slots(
            "report = ? AND at < ? AND state IN ('made', 'failed') ORDER BY at DESC LIMIT 1",
            report,
            text(before),
        )
        return found[0] if found else None

    async def first_untold(self, slot: Slot) -> Slot:
        """The first of the slots up to this one that failed in a row; itself where the last was made."""
        found = await self._slots(
            "report = ? AND at < ? AND state = 'failed' AND ts = '' AND at > coalesce("
            "(SELECT max(at) FROM report_slots WHERE report = ? AND at < ? AND ts != ''), '')"
            " ORDER BY at LIMIT 1",
            *(slot.report, text(slot.at)) * 2,
        )
        return found[0] if found else slot

    async def last_slots(self) -> dict[str, Slot]:
        """The last slot of each report that is over."""
        found = await self._slots(
            f"(report, at) IN (SELECT report, max(at) FROM report_slots WHERE NOT {_OPEN} GROUP BY report)"  # noqa: S608 - our own words
        )
        return {each.report: each for each in found}

    async def move(
        self, slot: Slot, *, since: SlotState, also: Also | None = None, **changes: object
    ) -> bool:
        """Change a slot that is still in the state `since`; False when it is not: somebody was first."""

        def work(db: Sqlite) -> bool:
            return _move(db, slot, since, changes, also)

        return await self._database.write(work)

    async def merge(self, older: Sequence[Slot], newest: Slot, why: str, also: Sequence[Also | None]) -> None:
        """Let `newest` stand for the older ones, which are over with that; `also` has a row for each."""

        def work(db: Sqlite) -> None:
            gone = 0
            for each, row in zip(older, also, strict=True):
                if _move(db, each, SlotState.WAITING, {"state": SlotState.MERGED, "why": why}, row):
                    gone += each.stands_for
            _move(db, newest, SlotState.WAITING, {"stands_for": newest.stands_for + gone})

        await self._database.write(work)

    async def made(self, slot: Slot, ts: str, content: ReportSnapshot, also: Also) -> None:
        """It is posted: where, and what it said, which the next is held against."""

        def work(db: Sqlite) -> None:
            done = {"state": SlotState.DONE, "ts": ts, "is_posting": False, "why": ""}
            if _move(db, slot, SlotState.MAKING, done, also):
                values = [slot.report, text(slot.at), content.model_dump_json()]
                db.execute("INSERT OR REPLACE INTO report_results VALUES (?, ?, ?)", values)
                _trim(db, slot.report)
            _stand(db, slot.report, {"is_lost": False})

        await self._database.write(work)

    async def results(self, report: str) -> list[Result]:
        """What it said, the oldest first."""
        return await self._database.read(
            lambda db: [
                Result(moment(row["at"]), ReportSnapshot.model_validate_json(row["content"]))
                for row in db.query("SELECT * FROM report_results WHERE report = ? ORDER BY at", [report])
            ]
        )

    async def prune(self, before: datetime) -> None:
        """Forget slots of before then that are over."""
        await self._database.write(
            lambda db: db.execute(f"DELETE FROM report_slots WHERE at < ? AND NOT {_OPEN}", [text(before)])  # noqa: S608 - our own words
        )

    async def _slots(self, where: str, *values: object) -> list[Slot]:
        return await self._database.read(
            lambda db: [_slot(row) for row in db.query(f"SELECT * FROM report_slots WHERE {where}", values)]  # noqa: S608 - our own words
        )


def _forget(db: Sqlite, name: str) -> None:
    db.execute("DELETE FROM report_standings WHERE name = ?", [name])
    db.execute("DELETE FROM report_results WHERE report = ?", [name])
    db.execute(
        f"UPDATE report_slots SET state = ?, why = ? WHERE report = ? AND {_OPEN}",  # noqa: S608 - our own words
        [SlotState.SKIPPED.value, "the report was removed", name],
    )


def _trim(db: Sqlite, report: str) -> None:
    db.execute(
        "DELETE FROM report_results WHERE report = ? AND at NOT IN"
        " (SELECT at FROM report_results WHERE report = ? ORDER BY at DESC LIMIT ?)",
        [report, report, KEPT_RESULTS],
    )


def _stand(db: Sqlite, name: str, changes: dict[str, Any]) -> None:
    db.execute("INSERT INTO report_standings (name) VALUES (?) ON CONFLICT DO NOTHING", [name])
    _set(db, "report_standings", changes, "name = ?", [name])


def _move(
    db: Sqlite, slot: Slot, since: SlotState, changes: dict[str, Any], also: Also | None = None
) -> bool:
    where, values = "report = ? AND at = ? AND state = ?", [slot.report, text(slot.at), since.value]
    is_moved = _set(db, "report_slots", changes, where, values) == 1
    if is_moved and also is not None:
        also(db)
    return is_moved


def _set(db: Sqlite, table: str, changes: dict[str, Any], where: str, values: list[Any]) -> int:
    sets = ", ".join(f"{name} = ?" for name in changes)
    given = [_plain(value) for value in changes.values()]
    return int(db.execute(f"UPDATE {table} SET {sets} WHERE {where}", [*given, *values]).rowcount)  # noqa: S608 - our own words


def _insert(db: Sqlite, row: dict[str, Any]) -> bool:
    """Whether there was none of its report at its time."""
    marks = ", ".join("?" for _ in row)
    names = ", ".join(row)
    done = db.execute(
        f"INSERT INTO report_slots ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608 - our own words
        list(row.values()),
    )
    return bool(done.rowcount == 1)


def _row(slot: Slot) -> dict[str, Any]:
    return {name: _plain(getattr(slot, name)) for name in _SLOT}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return text(value)
    if isinstance(value, SlotState):
        return value.value
    return json.dumps(value) if isinstance(value, tuple) else value


def _slot(row: dict[str, Any]) -> Slot:
    times = {name: moment(row[name]) for name in ("at", "due_at")}
    return Slot(**{**row, **times, "state": SlotState(row["state"]), "is_posting": bool(row["is_posting"])})


def _standing(row: dict[str, Any]) -> ReportStatus:
    times = {name: moment(row[name]) if row[name] else None for name in ("seen_until", "snoozed_until")}
    return ReportStatus(
        **{**row, **times, "muted": tuple(json.loads(row["muted"])), "is_lost": bool(row["is_lost"])}
    )


def _report(row: dict[str, Any]) -> Report:
    return Report(
        setting=ReportSetting.model_validate_json(row["setting"]),
        by=row["made_by"],
        team=row["team"],
        at=moment(row["made_at"]),
    )


def text(at: datetime | None) -> str | None:
    """Of one form, so that comparing text compares times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
