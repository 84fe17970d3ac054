"""`audit story`: all rows of a trace or change, in their order."""

from datetime import timedelta

import pytest
from audit_kit import make_entry
from audit_site import VERA, audit_site, notes_of, rows_of

from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with audit_site(tmp_path, monkeypatch) as site:
        yield site


async def test_a_trace_from_its_beginning_to_its_end(site):
    await site.ask("whoami")
    await site.ask("cluster show orders-prod", trace="abc123")

    reply = await site.ask("audit story abc123")

    assert [row["Outcome"] for row in rows_of(reply)] == ["accepted", "ok"]
    entries = make_document(reply)["data"]["entries"]
    assert [(each["outcome"], each["duration_ms"] is None) for each in entries] == [
        ("accepted", True),
        ("ok", False),
    ]
    assert reply.title == "abc123: 2 entries within less than a minute"


async def test_a_change_has_all_that_was_done_about_it_under_any_trace(site):
    start = site.terminal.kernel.clock.now()
    steps = [
        ("t1", "invocation", ""),
        ("t1", "plan", "ch1"),
        ("t2", "decision", "ch1"),
        ("t3", "intent", "ch1"),
        ("t3", "request", ""),
        ("t9", "outcome", ""),
    ]
    for number, (trace, kind, change) in enumerate(steps):
        at = start + timedelta(minutes=number)
        await site.terminal.kernel.audit.append(
            make_entry(1, at=at, trace=trace, kind=kind, change=change, clusters=frozenset())
        )

    reply = await site.ask("audit story ch1")

    assert [row["Trace"] for row in rows_of(reply)] == ["t1", "t1", "t2", "t3", "t3"]
    assert reply.title == "ch1: 5 entries within 4 minutes"


async def test_one_that_may_not_be_seen_is_as_one_that_is_not_there(site):
    await site.ask("cluster show orders-staging", trace="abc123")

    hidden, missing = await site.ask("audit story abc123", VERA), await site.ask("audit story fed000", VERA)

    assert not hidden.ok
    assert hidden.title.replace("abc123", "X") == missing.title.replace("fed000", "X")


async def test_left_out_rows_are_not_counted(site):
    await site.ask("cluster show orders-staging", trace="t1")
    await site.ask("cluster show orders-prod", trace="t2")
    for trace in ("t1", "t2"):
        await site.terminal.kernel.audit.append(
            make_entry(1, trace=trace, change="ch2", clusters=frozenset(), text="a step", detail="")
        )

    reply = await site.ask("audit story ch2", VERA)

    assert {row["Trace"] for row in rows_of(reply)} == {"t2"}
    assert notes_of(reply).startswith("You see your own entries, and those about clusters that you may see.")
