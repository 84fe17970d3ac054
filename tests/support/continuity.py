"""One change through kills, older copies of its files, a second bot on a copy of them and wrong clocks."""

import asyncio
import json
import os
import random
import signal
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime

from change_kit import OVER, OwnRoom
from copied_files import copy_files, put_back
from crash_cases import ACCEPTED, DRILL_POINTS, POINTS, Case, Outcome
from crash_site import Trial

from bot.audit.verify import verify
from bot.changes.record import ChangeState
from bot.domain.errors import PgbotError, StoreError
from bot.programs.terminal_client import ask_serve
from bot.programs.terminal_protocol import TerminalRequest
from bot.settings.model import load_settings

LIFE_SECONDS = 8.0
"""Seconds of the machine's clock after which a life ends that passes its point no more, or holds no lease."""


@dataclass(frozen=True)
class Jump:
    """The clock of one life, wrong by so many seconds from a point on; from its start with no point."""

    point: str
    seconds: float


@dataclass(frozen=True)
class Second:
    """A bot on a copy of the folder, made so many seconds into a life of the first, or after its end; with no
    seconds, it is made before that life."""

    life: int
    beside: bool
    after: float
    takes_over: bool
    kill: str
    jump: Jump | None


@dataclass(frozen=True)
class CombinedCase(Case):
    """A case of several lives: one for each kill, each with its jump, and what happens to files before it."""

    seed: int = 0
    jumps: tuple[Jump | None, ...] = ()
    files: tuple[tuple[str, ...], ...] = ()
    second: Second | None = None
    last: str = "one"
    """The bot that is healed first."""


def combined_case(seed):
    """Return the case of a seed."""
    chance = random.Random(f"continuity {seed}")  # noqa: S311 - the same case for the same seed
    command = chance.choice(["restore", "restore", "create", "drill"])
    points = [*POINTS, *DRILL_POINTS] if command == "drill" else POINTS
    # Mostly after the request, and on copies from before it: there a bot could send it again.
    kills = [*points, *POINTS[6:13] * 2, *([] if command == "create" else [ACCEPTED] * 4)]
    count = chance.randint(1, 3)

    def jump():
        size = chance.choice([-1, 1]) * chance.choice([40.0, 400.0, 86_400.0, 315_576_000.0])
        return Jump(chance.choice(["", *points]), size) if chance.random() < 0.4 else None

    def happening():
        return chance.choice(
            [(), (), ("pgbot.db",), ("pgbot.db",), ("engine.db",), ("pgbot.db-wal",), ("engine.db-wal",)]
            + [("engine.db", "pgbot.db")] * 3
        )

    second = Second(
        life=chance.randrange(count),
        beside=chance.random() < 0.5,
        after=max(chance.uniform(-2, 2), 0.0),
        takes_over=chance.random() < 0.4,
        kill=chance.choice(["", *kills]),
        jump=jump(),
    )
    return CombinedCase(
        kills=tuple(chance.choice([chance.choice(kills), chance.uniform(0.2, 3)]) for _ in range(count)),
        api=chance.choice(["v1", "v2"]),
        trace=chance.choice(["full", "full", "late", "none"]) if command == "restore" else "full",
        command=command,
        copied=chance.choice([*points, *POINTS[:6] * 3]),
        seed=seed,
        jumps=tuple(jump() for _ in range(count)),
        files=tuple(happening() for _ in range(count)),
        second=second if chance.random() < 0.6 else None,
        last=chance.choice(["one", "two"]),
    )


class LongTrial(Trial):
    """A change under one combined case."""

    async def run(self):
        self.begun = self.site.stage.clock.now()
        self.killed, self.rooms, self.stack, self.beside = 0, {"one": self.room}, AsyncExitStack(), None
        self.addresses = {}
        record = await self._asked()
        await self._agreed(record)
        self.change = record.id
        async with self.stack:
            for number, kill in enumerate(self.case.kills):
                await self._live(number, kill)
            await self._heal()
            outcome = await self._verdict()
        for each in self._created():
            self.site.stage.cloud.discard(each)  # its address is for others
        return outcome

    def data_of(self, bot):
        return self.data if bot == "one" else self.data.with_name(f"{self.data.name}-two")

    async def _asked(self):
        if self.case.command != "create":
            return await super()._asked()
        line = f"cluster create {self.made_name} --like orders-prod --version 16 --region de/txl"
        return await self.room.asks("bob", f"{line} --api {self.case.api}")

    @property
    def made_name(self):
        return f"made-{self.data.name}"

    async def _agreed(self, record):
        if self.case.command == "create":
            reply = await self.room.says("bob", f"change confirm {record.id}")
            assert reply.ok, reply
        else:
            await super()._agreed(record)

    async def _live(self, number, kill):
        """Run one life of the first bot, with what happens before and beside it."""
        second = self.case.second if self.case.second and self.case.second.life == number else None
        if second and second.beside and not second.after:
            copy_files(self.data, self.data_of("two"))
        pid = await self._start("one", kill, self.case.jumps[number])
        life = asyncio.create_task(self._until_over("one", pid, kill))
        if second and second.beside:
            await asyncio.sleep(second.after)
            await self._begin_second(second)
        await life
        if second and not second.beside:
            await self._begin_second(second)
        if self.case.files[number]:
            await self._change_files(self.case.files[number])

    async def _start(self, bot, kill="", jump=None):
        point = kill if isinstance(kill, str) else ""
        self.addresses[bot] = {"", self._address(bot)}
        pid = await self.site.start(
            self.data_of(bot),
            point,
            copy_at=self.case.copied if bot == "one" else "",
            jump=(jump.point, jump.seconds) if jump else None,
            copied_from=self.data,
        )
        if point == ACCEPTED:
            self.site.deadly.kill[self.cluster.id] = lambda: os.kill(pid, signal.SIGKILL)
        return pid

    def _address(self, bot):
        """Return what a bot that has opened its data writes beside them."""
        lock = self.data_of(bot) / "serve.lock"
        return lock.read_text() if lock.exists() else ""

    async def _until_over(self, bot, pid, kill):
        limit = kill if isinstance(kill, float) else LIFE_SECONDS
        await self._until_settled(bot, pid, limit)
        self.site.deadly.kill.pop(self.cluster.id, None)
        died = not self.site.zygote.is_alive(pid)
        await self.site.zygote.end_of(pid, signal.SIGKILL)
        self.killed += died or isinstance(kill, float)

    async def _begin_second(self, second):
        """Start the bot on a copy of the folder; it goes on until all is healed, or until its own point."""
        two = self.data_of("two")
        copy_files(self.data, two)
        room = OwnRoom(None, stage=self.site.stage, data=two)
        self.rooms["two"] = room
        self.stack.push_async_callback(room.leave)
        await room.only_read()
        self.beside = await self._start("two", second.kill, second.jump)
        if second.takes_over:
            await self._take_over()

    async def _take_over(self):
        """Ask for it until the bot has an answer, which may be that there is nothing to take over."""
        setup = load_settings(environment=self._environment("two"))
        for _ in range(40):
            await asyncio.sleep(0.1)
            with suppress(PgbotError, OSError):
                await asyncio.to_thread(ask_serve, setup, TerminalRequest(takeover="it is said to be lost"))
                return

    def _environment(self, bot):
        return self.site.stage.environment(self.data) | {"PGBOT_DATA": str(self.data_of(bot))}

    async def _change_files(self, names):
        """Put older copies in place, if they were taken, or lose a -wal file."""
        await self.room.leave()
        if names[0].endswith("-wal"):
            await self._lose(self.data / names[0])
        elif self.copies.exists():
            put_back(self.copies, self.data, names)
        await self.room.only_read()

    async def _lose(self, wal):
        """Lose a -wal file. A bot that refuses to start without it gets it back."""
        if not wal.exists():
            return
        aside = wal.rename(wal.with_name(f"lost-{wal.name}"))
        if wal.name.startswith("engine"):
            return  # as an older copy of it
        pid = await self._start("one")
        for _ in range(50):
            await asyncio.sleep(0.1)
            if not self.site.zygote.is_alive(pid):
                break
        if not self.site.zygote.is_alive(pid):
            for file in self.data.glob(f"{wal.name.removesuffix('-wal')}-*"):
                file.unlink()
            aside.rename(wal)
        await self.site.zygote.end_of(pid, signal.SIGKILL)

    async def _heal(self):
        """Let each bot that there is settle, alone and with a right clock."""
        if self.beside is not None:
            await self._until_over("two", self.beside, self.case.second.kill)
        bots = [self.case.last, *({"one", "two"} - {self.case.last})]
        self.unsettled = []
        for bot in bots:
            if bot in self.rooms:
                pid = await self._start(bot)
                if not await self._until_settled(bot, pid, 40):
                    self.unsettled.append(bot)
                await self.site.zygote.end_of(pid, signal.SIGKILL)

    async def _until_settled(self, bot, pid, limit):
        """Wait until a book has settled, or its bot is dead; return whether it has settled."""
        loop, room, doubted = asyncio.get_running_loop(), self.rooms[bot], 0
        end = loop.time() + limit
        while self.site.zygote.is_alive(pid) and loop.time() < end:
            if self._address(bot) in self.addresses[bot]:
                await asyncio.sleep(0.05)
                continue
            record = await room.rows.get(self.change)
            if record.state in OVER and not await room.untold():
                return True
            # A drill looks for a day for what it may have made.
            is_searching = (
                self.case.command == "drill" and "Checking the cluster for its effect" in record.progress
            )
            doubted += is_searching or bool(await room.audit(kind="alarm"))
            if doubted > 40:  # two seconds, in which it would send or end what it must not
                return True
            await asyncio.sleep(0.05)
        return False

    # The verdict, from outside

    async def _verdict(self):
        records = {bot: await room.rows.get(self.change) for bot, room in self.rooms.items()}
        sent = self._sent(records["one"])
        wrong = [await self._unsettled_words(bot, records[bot]) for bot in self.unsettled]
        if sent > 1:
            wrong.append(f"doubled: {sent} requests")
        attempts = {bot: await room.rows.attempt(self.change) for bot, room in self.rooms.items()}
        done = [bot for bot, record in records.items() if record.state is ChangeState.DONE]
        wrong += [f"{bot} says done, and no row says that it was sent" for bot in done if not attempts[bot]]
        for bot, record in records.items():
            if sent and record.result.startswith("Nothing was sent") and "already" not in record.result:
                wrong.append(f"{bot} says {record.result}")
        if done and not sent:
            wrong.append("done without its effect")
        # A bot killed once it is armed leaves no mark, as it has sent nothing: the other may send then.
        accepted = {request for bot in done for request in await self._accepted(bot)}
        if len(accepted) > 1:
            wrong.append("both books claim a request of their own")
        for bot in self.rooms:
            wrong += await self._wrong_log(bot)
        wrong += self._wrong_words(records["one"], sent)
        ends = "/".join(record.state.value for record in records.values())
        return Outcome(self.case, self.killed, sent, ends, tuple(wrong))

    async def _unsettled_words(self, bot, record):
        log = self.data_of(bot).with_suffix(".log").read_text()[-3000:]
        untold = await self.rooms[bot].untold()
        return f"{bot} does not end: {record.state} ({record.progress}), untold: {untold}, its log: {log}"

    async def _accepted(self, bot):
        """Return the rows of requests that were accepted, not those that found the effect of one.

        A copied book has the row of the bot that it was copied from.
        """
        rows = await self.rooms[bot].audit(outcome="accepted", detail="IONOS accepted the request")
        return [row["hash"] for row in rows]

    async def _wrong_log(self, bot):
        """Report a log that is broken, or in doubt for no reason."""
        wrong = []
        try:
            if verify([self.data_of(bot) / "pgbot.db"]).bad is not None:
                wrong.append(f"the audit of {bot} does not verify")
        except StoreError as error:
            wrong.append(f"the audit of {bot} is refused: {error}")
        alarms = await self.rooms[bot].audit(kind="alarm")
        if any(not row["detail"] for row in alarms) or (alarms and not self._has_lost_rows):
            wrong.append(f"{bot} is in doubt without a reason: {alarms[0]['detail']}")
        return wrong

    @property
    def _has_lost_rows(self):
        """Return whether anything but kills and clocks may have happened to the files."""
        return any(self.case.files) or self.case.second is not None

    def _sent(self, record):
        """Return how often the cloud was asked, and did it."""
        if record.plan.throwaway:
            return len(self._made(record))
        if self.case.command == "create":
            return len(self._created())
        posts = [
            each
            for each in self.site.stage.posts(self.cluster)
            if datetime.fromisoformat(each["at"]) >= self.begun
        ]
        return max(len(posts), len(self.cluster.restores))

    def _created(self):
        return [each for each in self.site.stage.cloud.everything() if each.name == self.made_name]

    def _wrong_words(self, record, sent):
        """Report messages that say it has been done where it was not, or has failed where it was done."""
        for each in self.site.stage.messages():
            title = each.text.partition("\n")[0]
            if record.id not in json.dumps(each.blocks):
                continue
            if title.endswith(": succeeded") and not sent:
                yield f"a card says {title}"
            # A drill that was made may fail all the same.
            if title.endswith(": failed") and sent and self.case.command != "drill":
                yield f"a card says {title}, and it was sent: {record.result}"


async def wrong_after(site, seeds, at_once):
    """Return what is wrong after the cases of these seeds, by seed."""
    outcomes = await site.run_all([combined_case(seed) for seed in seeds], at_once, LongTrial)
    return {each.case.seed: each.wrong for each in outcomes if each.wrong}
