"""Somebody who can write the bot's file, beside a kernel that runs changes, and what came of it."""

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from audit_kit import GENESIS, row_digest
from change_requests import ALICE, BOB, STAGING, ask, now
from workflow_kit import WorkflowRunner, hurry

from bot.changes.record import ChangeState
from bot.domain.errors import PgbotError

TRIGGERS = ("audit_never_updated", "audit_never_deleted", "audit_indexed", "audit_sealed")


class Intruder:
    """Writes the file with SQL alone, and knows how hashes are made."""

    def __init__(self, path):
        self.path = path

    @contextmanager
    def file(self):
        with closing(sqlite3.connect(self.path, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            for each in TRIGGERS:
                db.execute(f"DROP TRIGGER IF EXISTS {each}")
            yield db

    def run(self, sql, *values):
        with self.file() as db:
            return [dict(row) for row in db.execute(sql, values)]

    def rows(self, change):
        """Return the audit rows of a change, oldest first."""
        return self.run("SELECT * FROM audit WHERE change = ? ORDER BY seq", change)

    def rehash(self, first=1, key=None):
        """Make the chain follow from row `first` on, as somebody who may have the key would."""
        with self.file() as db:
            before = db.execute("SELECT hash FROM audit WHERE seq < ? ORDER BY seq DESC", [first]).fetchone()
            prev = before[0] if before else GENESIS
            rows = [
                dict(row) for row in db.execute("SELECT * FROM audit WHERE seq >= ? ORDER BY seq", [first])
            ]
            db.execute("BEGIN")
            db.execute("UPDATE audit SET hash = 'old' || seq WHERE seq >= ?", [first])
            for row in rows:
                row["prev"] = prev
                row["hash"] = prev = row_digest(row, key)
                db.execute("UPDATE audit SET prev = :prev, hash = :hash WHERE seq = :seq", row)
            db.execute("COMMIT")

    def append(self, row, key=None):
        """Add a row at the end of the log, chained as the bot chains them."""
        with self.file() as db:
            last = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
            row = row | {"seq": last["seq"] + 1, "prev": last["hash"]}
            row["hash"] = row_digest(row, key)
            marks = ", ".join("?" for _ in row)
            db.execute(f"INSERT INTO audit ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608


@dataclass
class Outcome:
    """The requests that were sent for a change, its state, and the alarms about it that are open."""

    sent: int
    state: str | None
    alarms: tuple


@dataclass
class TamperSite:
    """A terminal in front of the simulator, and somebody else in front of the file."""

    terminal: object
    plans: dict = field(default_factory=dict)

    @property
    def intruder(self):
        return Intruder(self.terminal.kernel.database.path)

    @property
    def log(self):
        return self.terminal.kernel.audit.verified

    def sent(self):
        """Return how many mutating requests the cloud has had."""
        return len(list(self.terminal.cloud.posts.rows()))

    async def approved(self, line=STAGING):
        """Return a change that Alice requested and Bob approved."""
        if line not in self.plans:
            record = await ask(self.terminal, line, ALICE)
            self.plans[line] = record.plan
        else:
            record = await self.proposed(self.plans[line])
        assert (await self.terminal.run(f"change approve {record.id}", BOB)).ok
        return await now(self.terminal, record)

    async def proposed(self, plan):
        """Propose a plan again, without looking at the cloud; return the change."""
        invocation = self.terminal.invocation(plan.command, ALICE)
        return await self.terminal.kernel.dispatcher.changes.add_change(plan, invocation, "")

    async def carried_out(self, record, tamper, point=""):
        """Run an approved change as `serve` does, with `tamper` before its turn or at a point of its run."""
        before, runner = self.sent(), WorkflowRunner(self.terminal, ALICE)

        def on_point(name):
            if name == point:
                tamper()

        if not point:
            tamper()
        try:
            current = await now(self.terminal, record)
            if current is not None and await runner.run_log().claim(current):
                async with hurry(self.terminal):
                    await runner.run(record, on_point=on_point)
        except PgbotError:
            pass
        return await self.outcome(record, before)

    async def outcome(self, record, before):
        found = await now(self.terminal, record)
        return Outcome(
            self.sent() - before,
            found and found.state.value,
            tuple(each.why for each in self.log.alarms if each.change == record.id),
        )

    async def compare(self):
        """Compare all open changes with the log, as the scheduler does now and then."""
        rows = self.terminal.kernel.dispatcher.changes.rows
        found = await rows.find_unproven()
        for each in found:
            try:
                await rows.require_proven(each, self.terminal.kernel.clock.now())
            except PgbotError:
                continue
        return found


__all__ = ["ChangeState", "Intruder", "Outcome", "TamperSite"]
