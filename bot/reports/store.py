"""Reports made in Slack, the status, runs and results of every report."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from bot.reports.record import Report, ReportStatus, Result, Slot, SlotState
from bot.reports.snapshot import ReportSnapshot
from bot.runtime.checked_clock import TOLERANCE
from bot.runtime.database.columns import optional_time, text_to_time, time_to_text, to_column
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert_new, update, upsert
from bot.settings.report_settings import ReportSetting

KEPT_RESULTS = 30
"""Results kept of each report: the next run is compared with the last, and the others make the trend."""

LONGEST_WAIT = timedelta(days=1)
"""Longer than a run is spread over, or waits for its next try."""

Also = Callable[[Transaction], object]
"""A write in the same transaction as another, such as its audit row."""

_text = partial(time_to_text, precision="microseconds")
_OPEN = "state IN ('waiting', 'being made')"
_SLOT = tuple(each.name for each in fields(Slot))


class _Look(NamedTuple):
    """The rows that the scheduler of reports needs at each look, read together."""

    made: list[Report]
    standings: dict[str, ReportStatus]
    open_slots: list[Slot]


def _read_look(db: Transaction) -> _Look:
    slots = db.query(f"SELECT * FROM report_slots WHERE {_OPEN} ORDER BY at, report")
    return _Look(
        [_report(row) for row in db.query("SELECT * FROM reports ORDER BY name")],
        {row["name"]: _standing(row) for row in db.query("SELECT * FROM report_standings")},
        [_slot(row) for row in slots],
    )


class ReportRows:
    """Store of reports. All methods raise StoreError; then nothing was done."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def made_in_slack(self) -> list[Report]:
        """Return the reports that were added by command, by name."""
        return list((await self._look()).made)

    async def _look(self) -> _Look:
        return await self._database.read_if_changed("reports", _read_look)

    async def add(self, report: Report) -> bool:
        """Add a report; return False when the name is taken."""
        row = {
            "name": report.name,
            "setting": report.setting.model_dump_json(by_alias=True),
            "made_by": report.by,
            "team": report.team,
            "made_at": report.at and _text(report.at),
        }

        def work(db: Transaction) -> bool:
            is_new = insert_new(db, "reports", row)
            if is_new:
                # Nothing is left of an earlier one of this name: its slots were times of another schedule.
                _forget(db, report.name)
            return is_new

        return await self._database.write(work)

    async def remove(self, name: str) -> bool:
        """Remove a report; return False when there is none. Its finished slots stay, as its history."""

        def work(db: Transaction) -> bool:
            done = db.execute("DELETE FROM reports WHERE name = ?", [name])
            _forget(db, name)
            return bool(done.rowcount == 1)

        return await self._database.write(work)

    async def standings(self) -> dict[str, ReportStatus]:
        """Return the status by name of every report that has one."""
        return dict((await self._look()).standings)

    async def stand(self, name: str, **changes: object) -> None:
        await self._database.write(lambda db: _stand(db, name, changes))

    async def plan(self, name: str, slots: Sequence[Slot], seen_until: datetime) -> None:
        """Add the slots that are missing, and note that all up to `seen_until` are there now."""

        def work(db: Transaction) -> None:
            for slot in slots:
                _insert(db, slot)
            _stand(db, name, {"seen_until": seen_until})

        await self._database.write(work)

    async def see(self, until: Mapping[str, datetime]) -> None:
        """Note of these reports, by name, that nothing else was due until a time."""

        def work(db: Transaction) -> None:
            for name, at in until.items():
                _stand(db, name, {"seen_until": at})

        await self._database.write(work)

    async def ask(self, slot: Slot) -> None:
        """Add a slot that a person asked for; a microsecond later when its time is taken."""

        def work(db: Transaction) -> None:
            requested = slot
            while not _insert(db, requested):
                requested = replace(requested, at=requested.at + timedelta(microseconds=1))

        await self._database.write(work)

    async def slot(self, report: str, at: datetime) -> Slot | None:
        found = await self._slots("report = ? AND at = ?", report, _text(at))
        return found[0] if found else None

    async def open_slots(self) -> list[Slot]:
        """Return the slots that wait or are being made, the oldest first."""
        return list((await self._look()).open_slots)

    async def latest(self, report: str, limit: int = 10) -> list[Slot]:
        """Return the last slots of a report, newest first."""
        return await self._slots("report = ? ORDER BY at DESC LIMIT ?", report, limit)

    async def last_told(self, report: str, before: datetime) -> Slot | None:
        """Return the last slot before a time that was made or failed."""
        where = "report = ? AND at < ? AND state IN ('made', 'failed') ORDER BY at DESC LIMIT 1"
        found = await self._slots(where, report, _text(before))
        return found[0] if found else None

    async def first_untold(self, slot: Slot) -> Slot:
        """Return the first of the slots in a row that failed up to this one; this one after a success."""
        found = await self._slots(
            "report = ? AND at < ? AND state = 'failed' AND ts = '' AND at > coalesce("
            "(SELECT max(at) FROM report_slots WHERE report = ? AND at < ? AND ts != ''), '')"
            " ORDER BY at LIMIT 1",
            *(slot.report, _text(slot.at)) * 2,
        )
        return found[0] if found else slot

    async def last_slots(self) -> dict[str, Slot]:
        """Return the last finished slot of each report."""
        found = await self._slots(
            f"(report, at) IN (SELECT report, max(at) FROM report_slots WHERE NOT {_OPEN} GROUP BY report)"
        )
        return {each.report: each for each in found}

    async def move(
        self, slot: Slot, *, since: SlotState, also: Also | None = None, **changes: object
    ) -> bool:
        """Change a slot that is still in the state `since`; return False when another caller was first."""

        return await self._database.write(lambda db: _move(db, slot, since, changes, also))

    async def merge(self, older: Sequence[Slot], newest: Slot, why: str, also: Sequence[Also | None]) -> None:
        """Let `newest` stand for the older slots, which ends them; `also` has an audit row for each."""

        def work(db: Transaction) -> None:
            gone = 0
            for each, row in zip(older, also, strict=True):
                if _move(db, each, SlotState.WAITING, {"state": SlotState.MERGED, "why": why}, row):
                    gone += each.stands_for
            _move(db, newest, SlotState.WAITING, {"stands_for": newest.stands_for + gone})

        await self._database.write(work)

    async def made(self, slot: Slot, ts: str, content: ReportSnapshot, also: Also) -> None:
        """Note that a report is posted, and store its result for the next comparison."""

        def work(db: Transaction) -> None:
            done = {"state": SlotState.DONE, "ts": ts, "why": ""}
            if _move(db, slot, SlotState.MAKING, done, also):
                row = {"report": slot.report, "at": _text(slot.at), "content": content.model_dump_json()}
                upsert(db, "report_results", row, key=("report", "at"))
                db.execute(
                    "DELETE FROM report_results WHERE report = ? AND at NOT IN"
                    " (SELECT at FROM report_results WHERE report = ? ORDER BY at DESC LIMIT ?)",
                    [slot.report, slot.report, KEPT_RESULTS],
                )
            _stand(db, slot.report, {"is_lost": False})

        await self._database.write(work)

    async def results(self, report: str) -> list[Result]:
        """Return the results of a report, the oldest first."""
        return await self._database.read(
            lambda db: [
                Result(text_to_time(row["at"]), ReportSnapshot.model_validate_json(row["content"]))
                for row in db.query("SELECT * FROM report_results WHERE report = ? ORDER BY at", [report])
            ]
        )

    async def prune(self, before: datetime) -> None:
        """Delete the finished slots from before a time."""
        await self._database.write(
            lambda db: db.execute(f"DELETE FROM report_slots WHERE at < ? AND NOT {_OPEN}", [_text(before)])
        )

    async def repair(self, now: datetime) -> str:
        """Take back what a wrong clock has noted for times that have not come by `now`, which is right.

        Returns a sentence about it, empty where there was nothing. Runs of times to come are planned again,
        and so are those since the last one that was planned rightly.
        """
        at, ahead = _text(now), _text(now + timedelta(seconds=TOLERANCE))
        statements = (
            ("DELETE FROM report_slots WHERE at > ? AND asked_by = '' AND state != 'being made'", [ahead]),
            (
                f"UPDATE report_slots SET due_at = ? WHERE due_at > ? AND {_OPEN}",
                [at, _text(now + LONGEST_WAIT)],
            ),
            ("DELETE FROM report_results WHERE at > ?", [ahead]),
            (
                "UPDATE report_standings SET seen_until = coalesce((SELECT max(at) FROM report_slots"
                " WHERE report = name AND asked_by = '' AND at <= ?), ?) WHERE seen_until > ?",
                [at, at, ahead],
            ),
        )
        changed = await self._database.write(
            lambda db: [db.execute(statement, values).rowcount for statement, values in statements]
        )
        return "Runs and marks of reports for times to come were taken back." if any(changed) else ""

    async def _slots(self, where: str, *values: object) -> list[Slot]:
        return await self._database.read(
            lambda db: [_slot(row) for row in db.query(f"SELECT * FROM report_slots WHERE {where}", values)]
        )


def _forget(db: Transaction, name: str) -> None:
    db.execute("DELETE FROM report_standings WHERE name = ?", [name])
    db.execute("DELETE FROM report_results WHERE report = ?", [name])
    db.execute(
        f"UPDATE report_slots SET state = ?, why = ? WHERE report = ? AND {_OPEN}",
        [SlotState.SKIPPED.value, "the report was removed", name],
    )


def _stand(db: Transaction, name: str, changes: dict[str, Any]) -> None:
    insert_new(db, "report_standings", {"name": name})
    update(db, "report_standings", _columns(changes), "name = ?", [name])


def _move(
    db: Transaction, slot: Slot, since: SlotState, changes: dict[str, Any], also: Also | None = None
) -> bool:
    where, values = "report = ? AND at = ? AND state = ?", [slot.report, _text(slot.at), since.value]
    is_moved = update(db, "report_slots", _columns(changes), where, values) == 1
    if is_moved and also is not None:
        also(db)
    return is_moved


def _insert(db: Transaction, slot: Slot) -> bool:
    """Add a slot; return False when its report has one at its time."""
    return insert_new(db, "report_slots", _columns({name: getattr(slot, name) for name in _SLOT}))


def _columns(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: to_column(value, "microseconds") for name, value in fields.items()}


def _slot(row: dict[str, Any]) -> Slot:
    times = {name: text_to_time(row[name]) for name in ("at", "due_at")}
    return Slot(**{**row, **times, "state": SlotState(row["state"])})


def _standing(row: dict[str, Any]) -> ReportStatus:
    times = {name: optional_time(row[name]) for name in ("seen_until", "snoozed_until")}
    return ReportStatus(
        **{**row, **times, "muted": tuple(json.loads(row["muted"])), "is_lost": bool(row["is_lost"])}
    )


def _report(row: dict[str, Any]) -> Report:
    return Report(
        setting=ReportSetting.model_validate_json(row["setting"]),
        by=row["made_by"],
        team=row["team"],
        at=text_to_time(row["made_at"]),
    )
