"""`migration unwaive`: the rule counts again, and waivers of app.yaml stay."""

import pytest
from migration_site import DBA, fields, migration_site, rows

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio
GIVE = "migration waive PGR020 ledger-prod --until 30d --reason 'the owner agreed'"
TAKE_BACK = "migration unwaive pgr020 ledger-prod"


async def test_the_finding_counts_again(terminal):
    await terminal.run(GIVE, actor=DBA)

    reply = await terminal.run(TAKE_BACK, actor=DBA)

    assert reply.title == "PGR020 counts again for ledger-prod"
    assert fields(reply)["Given by"] == "U0BOB"
    taken = make_document(reply)["data"]["waiver"]
    assert (taken["rule"], taken["cluster_name"], taken["reason"]) == (
        "PGR020",
        "ledger-prod",
        "the owner agreed",
    )
    assert rows(await terminal.run("migration rules"), "waivers") == []
    assert (await terminal.run("migration show ledger-prod")).title.startswith("ledger-prod: blocked")


async def test_what_was_not_waived_cannot_be_taken_back(terminal):
    reply = await terminal.run(TAKE_BACK, actor=DBA)

    assert not reply.ok
    assert "PGR020 is not waived for ledger-prod." in render_plain(reply)


async def test_a_waiver_of_app_yaml_is_taken_back_in_app_yaml(tmp_path, monkeypatch):
    fixed = "{rule: PGR020, cluster: ledger-prod, until: 2026-12-31, owner: x, reason: y}"
    async with migration_site(tmp_path, monkeypatch, f"\nwaivers: [{fixed}]\n") as terminal:
        reply = await terminal.run(TAKE_BACK, actor=DBA)

    assert not reply.ok
    assert "Remove waivers of app.yaml in that file." in render_plain(reply)


async def test_nobody_at_the_terminal_may_take_one_back(terminal):
    await terminal.run(GIVE, actor=DBA)

    reply = await terminal.run(TAKE_BACK)

    assert "may only read" in render_plain(reply)
    assert len(rows(await terminal.run("migration rules"), "waivers")) == 1
