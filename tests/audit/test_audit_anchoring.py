"""The log's head is kept outside it, on the injected clock; a place that fails is said and tried again."""

import asyncio
import sys
from datetime import timedelta

import pytest
from audit_kit import START, make_entry
from structlog.testing import capture_logs

from bot.audit.anchor_places import AnchorJob, CommandSink, FileSink, format_anchor, open_sinks
from bot.audit.hash_chain import Anchor, anchors_in
from bot.audit.log import AuditLog
from bot.audit.records import AuditQuery
from bot.audit.verify import verify
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import SlackError, StoreError
from bot.runtime.database.database import SqliteDatabase
from bot.settings.sections import AnchorSettings, AuditSettings

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
ANCHOR = Anchor(12345, "ab" * 32, START)


@pytest.fixture
async def audit(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield AuditLog(database)
    await database.close()


class Channel:
    """A Slack channel that keeps its posts, and may refuse."""

    def __init__(self):
        self.posted = []
        self.refuses = False

    async def read_own(self, channel, part):
        return [text for _, text in self.posted if part in text]

    async def post(self, channel, text):
        if self.refuses:
            raise SlackError("Slack refuses: channel_not_found.", code="channel_not_found")
        self.posted.append((channel, text))


def anchoring(audit, places, clock=None):
    return AnchorJob(audit, places, clock or VirtualClock())


async def alone():
    """Return at once: no other bot has this log."""


async def failures(audit):
    """Return what the log has of anchors that were not kept."""
    rows = await audit.find(AuditQuery(outcome="failed"))
    return [(row.kind, row.text, row.detail) for row in reversed(rows)]


async def test_the_head_is_posted_and_what_was_posted_verifies(audit, tmp_path):
    channel = Channel()
    work = anchoring(audit, open_sinks(AnchorSettings(channel="C0AUDIT"), channel))
    for number in range(3):
        await audit.append(make_entry(number))

    await work.turn()

    ((where, text),) = channel.posted
    (anchor,) = anchors_in(text)
    assert (where, anchor.seq) == ("C0AUDIT", 3)
    assert verify([tmp_path / "pgbot.db"], anchors=[anchor]).anchored == 1


class Counted:
    """The log's head, with a count of its reads."""

    def __init__(self, audit):
        self.audit = audit
        self.turns = 0

    async def head(self):
        self.turns += 1
        return await self.audit.head()


async def until(condition):
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.005)


async def test_every_hour_of_the_clock_and_only_when_there_is_something_new(audit):
    clock, channel, counted = VirtualClock(), Channel(), Counted(audit)
    work = anchoring(counted, open_sinks(AnchorSettings(channel="C1"), channel), clock)
    await audit.append(make_entry(1))
    task = asyncio.create_task(work.run(HOUR, alone))

    await until(lambda: len(channel.posted) == 1)
    await hour_passes(clock)
    await until(lambda: counted.turns == 2)
    await audit.append(make_entry(2))
    await hour_passes(clock)
    await until(lambda: len(channel.posted) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert [anchors_in(text)[0].seq for _, text in channel.posted] == [1, 2]
    assert anchors_in(channel.posted[1][1])[0].at == clock.now()


async def hour_passes(clock):
    """Advance the clock by an hour, but only once somebody waits for it, or it would pass unnoticed."""
    await until(lambda: clock._sleepers)
    clock.advance(HOUR)


async def test_a_place_that_fails_is_in_the_log_and_the_others_are_served(audit, tmp_path):
    channel = Channel()
    channel.refuses = True
    settings = AnchorSettings(file=str(tmp_path / "anchors.txt"), channel="C1")
    work = anchoring(audit, open_sinks(settings, channel))
    await audit.append(make_entry(1))

    with capture_logs():
        await work.turn()
    channel.refuses = False
    await work.turn()

    assert await failures(audit) == [("anchor", "channel C1", "Slack refuses: channel_not_found.")]
    assert [anchors_in(text)[0].seq for _, text in channel.posted] == [2]
    assert [each.seq for each in anchors_in((tmp_path / "anchors.txt").read_text())] == [1, 2]


async def test_nothing_is_posted_of_an_empty_log_and_there_is_no_sink_without_a_place(audit):
    channel = Channel()
    work = anchoring(audit, open_sinks(AnchorSettings(channel="C1"), channel))
    await work.turn()

    assert open_sinks(AnchorSettings(), channel) == ()

    assert channel.posted == []


async def test_a_log_that_cannot_be_read_does_not_end_the_task(tmp_path):
    class Broken:
        turns = 0

        async def head(self):
            self.turns += 1
            raise StoreError("The disk is gone.")

    head, clock = Broken(), VirtualClock()
    work = anchoring(head, open_sinks(AnchorSettings(file=str(tmp_path / "a")), Channel()), clock)
    with capture_logs():
        task = asyncio.create_task(work.run(HOUR, alone))
        await hour_passes(clock)
        await until(lambda: head.turns == 2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert head.turns == 2


async def test_a_file_grows_line_by_line(tmp_path):
    sink = FileSink(tmp_path / "anchors.txt")

    await sink.put(ANCHOR)
    await sink.put(ANCHOR)

    assert anchors_in((tmp_path / "anchors.txt").read_text()) == (ANCHOR, ANCHOR)
    assert (tmp_path / "anchors.txt").stat().st_mode & 0o077 == 0


async def test_a_program_reads_the_anchor_on_its_input(tmp_path):
    code = f"import sys; open({str(tmp_path / 'seen')!r}, 'w').write(sys.stdin.read())"
    await CommandSink((sys.executable, "-c", code)).put(ANCHOR)

    assert anchors_in((tmp_path / "seen").read_text()) == (ANCHOR,)


@pytest.mark.parametrize("command", [("false",), ("/no/such/program", "--token=canary")])
async def test_a_program_that_fails_is_reported_without_its_arguments(audit, command):
    work = anchoring(audit, [CommandSink(command)])
    await audit.append(make_entry(1))

    with capture_logs() as logs:
        await work.turn()

    assert len(await failures(audit)) == 1
    assert "canary" not in repr((await failures(audit), logs))


async def test_a_failure_becomes_a_row(audit):
    await audit.append(make_entry(1))

    with capture_logs():
        await anchoring(audit, [CommandSink(("false",))]).turn()

    assert await failures(audit) == [("anchor", "command false", "It ended with 1.")]


def test_a_message_says_how_far_the_log_went():
    assert format_anchor(ANCHOR).startswith("Audit log up to row 12,345\n")


@pytest.mark.parametrize("every", ["", "soon", "0h"])
def test_the_interval_is_a_duration(every):
    with pytest.raises(ValueError, match="every"):
        AuditSettings(every=every)

    assert AuditSettings().interval == HOUR
