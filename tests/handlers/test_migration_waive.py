"""`migration waive`: permissions, expiry, and the effect on the verdict."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from migration_site import DBA, days, fields, migration_site, rows
from terminal_site import OPERATOR

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio
LINE = "migration waive PGR020 ledger-prod --until 30d --reason 'the owner agreed'"


async def test_a_waived_finding_no_longer_counts_until_the_waiver_lapses(terminal):
    before = await terminal.run("migration show ledger-prod")
    reply = await terminal.run(LINE, actor=DBA)
    waived = await terminal.run("migration show ledger-prod")
    days(terminal, 30)
    lapsed = await terminal.run("migration show ledger-prod")

    assert reply.title == "PGR020 is waived for ledger-prod"
    assert fields(reply)["By"] == "U0BOB"
    given = make_document(reply)["data"]["waiver"]
    assert (given["until"], given["owner"], given["is_expired"]) == ("2026-12-23T09:00:00Z", "U0BOB", False)
    assert fields(reply)["Reason"] == "the owner agreed"
    assert [each.title.split(",")[0] for each in (before, waived, lapsed)] == [
        "ledger-prod: blocked",
        "ledger-prod: ready",
        "ledger-prod: blocked",
    ]


async def test_nothing_is_sent_to_the_cloud(terminal):
    await terminal.run(LINE, actor=DBA)

    assert terminal.cloud.posts.rows() == []


async def test_it_is_in_the_audit_log_under_the_clusters_id(terminal):
    await terminal.run(LINE, actor=DBA)

    row = (await terminal.audit())[-1]
    assert (row["command"], row["outcome"]) == ("migration waive", "ok")
    assert row["cluster"]


async def test_giving_it_again_replaces_it(terminal):
    await terminal.run(LINE, actor=DBA)
    await terminal.run(LINE.replace("30d", "60d"), actor=DBA)

    (row,) = rows(await terminal.run("migration rules PGR020"), "waivers")
    assert row["Until"] == "2027-01-22 09:00 UTC"


async def test_a_day_counts_to_its_end_and_a_time_is_taken_as_it_is(terminal):
    day = await terminal.run(LINE.replace("30d", "2026-12-31"), actor=DBA)
    time = await terminal.run(LINE.replace("30d", "2026-12-31T12:00Z"), actor=DBA)

    assert fields(day)["Until"] == datetime(2027, 1, 1, tzinfo=UTC)
    assert fields(time)["Until"] == datetime(2026, 12, 31, 12, tzinfo=UTC)


async def test_a_time_of_day_is_no_day_though_it_is_as_long(terminal):
    reply = await terminal.run(LINE.replace("30d", "'today 9:30'"), actor=DBA)

    assert fields(reply)["Until"] == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


async def test_star_is_every_cluster(terminal):
    reply = await terminal.run("migration waive PGR100 '*' --until 30d --reason 'all by SQL'", actor=DBA)
    shown = await terminal.run("migration show orders-prod")

    assert reply.title == "PGR100 is waived for all clusters"
    assert "Waived by U0BOB" in render_plain(shown)


async def test_star_is_for_those_who_see_every_cluster(tmp_path, monkeypatch):
    words = {'"change *", "audit *"': '"change *", "audit *", "migration *"'}
    vera = replace(OPERATOR, person="U0VERA")
    async with migration_site(tmp_path, monkeypatch, words=words) as terminal:
        star = "migration waive PGR100 '*' --until 30d --reason 'all by SQL'"
        all_of_them = await terminal.run(star, actor=vera)
        unseen = await terminal.run(LINE.replace("ledger-prod", "hr-staging"), actor=vera)
        seen = await terminal.run(LINE, actor=vera)

    assert "only if you may see every cluster" in render_plain(all_of_them)
    assert "There is no cluster “hr-staging”" in render_plain(unseen)
    assert seen.ok


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (LINE.replace("PGR020", "PGR999"), "There is no readiness rule PGR999"),
        (LINE.replace("30d", "2026-11-01"), "is not in the future"),
        (LINE.replace("30d", "soon"), "as a time"),
        (LINE.replace("'the owner agreed'", "''"), "--reason"),
        ("migration waive PGR020 ledger-prod --until 30d", "needs --reason"),
        ("migration waive PGR020 ledger-prod --reason 'so it is'", "needs --until"),
    ],
)
async def test_what_is_missing_or_wrong_is_said(terminal, line, expected):
    reply = await terminal.run(line, actor=DBA)

    assert not reply.ok
    assert expected in render_plain(reply)
    assert rows(await terminal.run("migration rules"), "waivers") == []


async def test_nobody_at_the_terminal_may_waive(terminal):
    reply = await terminal.run(LINE)

    assert not reply.ok
    assert "may only read" in render_plain(reply)
