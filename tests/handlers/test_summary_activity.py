"""`summary activity`: new people and commands, and frequent refusals, against the four periods before."""

from dataclasses import replace
from datetime import timedelta

import pytest
from audit_site import ALICE as DEVELOPER
from audit_site import OPERATOR, VERA, audit_site, notes_of
from many_rows import copy_row
from report_terminal import (
    ALICE,
    BOB,
    hourly,
    mentioned,
    numbers,
    refusal,
    report_terminal,
    table,
    texts,
    warnings,
)

from bot.audit.records import AuditEntry
from bot.domain.reply import Chart
from bot.domain.reply_document import make_document
from bot.domain.request import Actor, Invocation, Origin

pytestmark = pytest.mark.anyio

EVE = Actor(origin=Origin.SLACK, id="U0EVE", team="T0SHOP")
SCHEDULE = Actor(origin=Origin.SCHEDULE, id="morning")


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with audit_site(tmp_path, monkeypatch) as site:
        yield site


def pass_time(site, **time):
    site.terminal.kernel.clock.advance(timedelta(**time))


async def run_usual_weeks(site):
    """Let five weeks pass in which Bob looks at one cluster each week."""
    for _ in range(5):
        await site.ask("cluster show orders-prod")
        pass_time(site, days=7)
    pass_time(site, hours=1)


async def run_line(terminal, actor, text, number):
    """Dispatch a line under its own trace, as every delivery from Slack has one."""
    invocation = Invocation(
        key=f"asked:{number}",
        trace=f"asked{number}",
        actor=actor,
        channel="C0OPS",
        text=text,
        at=terminal.kernel.clock.now(),
    )
    return await terminal.kernel.dispatcher.dispatch(invocation)


async def test_a_usual_week_has_nothing_unusual(site):
    await run_usual_weeks(site)
    await site.ask("cluster show orders-prod")

    reply = await site.ask("summary activity")

    assert reply.title == "1 command by 1 person in 7 days: nothing unusual"
    assert "Nothing unusual." in texts(reply)


async def test_new_people_and_commands_are_those_that_the_four_periods_before_did_not_have(site):
    await run_usual_weeks(site)
    await site.ask("cluster show orders-prod", DEVELOPER)
    await site.ask("backup list")

    reply = await site.ask("summary activity")

    assert reply.title == "2 commands by 2 people in 7 days: 2 unusual findings"
    assert table(reply, "Unusual") == [
        {"Person or command": "backup list", "Finding": "new command", "Refused": None},
        {"Person or command": "slack:U0ALICE", "Finding": "new person", "Refused": None},
    ]
    assert numbers(reply) == {"People": 2, "Commands": 2, "Usual commands": 1, "Refused": 0, "Failed": 0}
    data = make_document(reply)["data"]
    assert data["unusual"][1] == {"subject": "slack:U0ALICE", "remarks": ["new person"], "refused": None}
    assert (data["commands"], data["usual_commands"]) == (2, 1)
    assert sum(each["requests"] for each in data["days"]) == 2
    assert "“New” means not seen in the 28 days before." in notes_of(reply)
    assert mentioned(reply) == set()


@pytest.mark.parametrize(("days", "is_new"), [(1, False), (34, False), (36, True)])
async def test_the_window_ends_five_periods_ago(site, days, is_new):
    pass_time(site, days=1)
    await site.ask("whoami", DEVELOPER)
    pass_time(site, days=days)
    await site.ask("whoami", DEVELOPER)
    pass_time(site, hours=1)

    people = {row["Person or command"] for row in table(await site.ask("summary activity"), "Unusual")}

    assert ("slack:U0ALICE" in people) is is_new


@pytest.mark.parametrize(("since", "counted"), [("1h", 1), ("3h", 2), ("1d", 2), ("2d", 3)])
async def test_since_takes_what_is_younger(site, since, counted):
    await site.ask("whoami")
    pass_time(site, hours=30)
    await site.ask("whoami")
    pass_time(site, hours=2)
    await site.ask("whoami")
    pass_time(site, minutes=30)

    reply = await site.ask(f"summary activity --since {since}")

    assert numbers(reply)["Commands"] == counted


async def test_whom_an_earlier_release_knew_by_the_user_of_the_machine_is_nobody_new(site):
    await run_usual_weeks(site)
    await site.ask("cluster show orders-prod", replace(OPERATOR, id="root"))
    pass_time(site, days=8)
    await site.ask("cluster show orders-prod", replace(OPERATOR, id="root", person="U0ALICE"))
    await site.ask("cluster show orders-prod", DEVELOPER)

    reply = await site.ask("summary activity")

    assert reply.title == "2 commands by 1 person in 7 days: nothing unusual"


async def test_a_log_that_does_not_go_further_back_calls_nobody_new(site):
    await site.ask("whoami", DEVELOPER)

    reply = await site.ask("summary activity")

    assert table(reply, "Unusual") == []
    assert "Nothing unusual." in texts(reply)
    assert "The log does not go back far enough" in notes_of(reply)
    assert "Usual commands" not in numbers(reply)


async def test_somebody_who_is_refused_often_is_named_once_it_is_often(site):
    for _ in range(4):
        await site.ask("backup list", EVE)
    four = table(await site.ask("summary activity"), "Unusual")
    await site.ask("audit list", EVE)
    five = await site.ask("summary activity")

    assert four == []
    assert table(five, "Unusual") == [
        {"Person or command": "slack:U0EVE", "Finding": "often refused", "Refused": 5}
    ]
    assert numbers(five)["Refused"] == 5


async def test_what_is_mistyped_or_fails_at_the_cloud_is_no_refusal(site):
    for _ in range(6):
        await site.ask("cluster lsit")
        await site.ask("cluster show nowhere")
    await site.terminal.fault(kind="status", status=403)
    await site.ask("version list")

    reply = await site.ask("summary activity")

    assert (numbers(reply)["Refused"], numbers(reply)["Failed"]) == (0, 1)
    assert table(reply, "Unusual") == []


async def test_the_schedule_and_this_very_question_are_not_what_people_did(site):
    pass_time(site, days=10)
    await site.ask("cluster list", SCHEDULE)

    reply = await site.ask("summary activity", OPERATOR)

    assert reply.title == "No commands in 7 days"


async def test_the_days_are_drawn(site):
    await site.ask("whoami")
    pass_time(site, days=1)
    await site.ask("whoami")
    await site.ask("backup list", EVE)

    reply = await site.ask("summary activity --since 2d")
    [chart] = [part for part in reply.parts if isinstance(part, Chart)]

    assert chart.labels == ("2026-11-22", "2026-11-23", "2026-11-24")
    assert chart.series == (("requests", (0.0, 1.0, 2.0)), ("refused", (0.0, 0.0, 1.0)))


async def test_more_rows_than_are_looked_through_is_said(site):
    kernel = site.terminal.kernel
    entry = AuditEntry(
        at=kernel.clock.now(),
        kind="outcome",
        trace="many",
        team="T0",
        actor="slack:U0",
        channel="C0",
        text="x",
    )
    await kernel.database.write(kernel.audit.adding(entry))
    await copy_row(kernel.database, "audit", 5_000, seq="seq + n", trace="trace || n", hash="hash || n")

    assert warnings(await site.ask("summary activity")) == [
        "Only the last 5,000 entries of each period were read."
    ]


async def test_what_is_about_clusters_that_may_not_be_seen_is_left_out(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch) as terminal:
        for number, name in enumerate(("orders-prod", "payments-prod", "payments-staging")):
            await run_line(terminal, BOB, f"cluster show {name}", number)

        assert numbers(await terminal.say("summary activity", BOB))["Commands"] == 3
        assert numbers(await terminal.say("summary activity", ALICE))["Commands"] == 1


async def test_a_place_that_does_not_answer_is_named_to_those_for_whom_it_matters(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch) as terminal:
        await terminal.fault(kind="status", status=403, api="v2", region="de-fra", path="/clusters")
        hers = warnings(await terminal.say("summary activity", ALICE))
        his = warnings(await terminal.say("summary activity", BOB))

    assert his == []
    assert hers
    assert all("v2 de/fra" in each for each in hers)


async def test_who_may_not_is_told_so(site):
    for actor in (VERA, DEVELOPER):
        assert "You may not run “summary activity” here" in refusal(await site.ask("summary activity", actor))


async def test_what_is_no_duration_is_refused(site):
    said = refusal(await site.ask("summary activity --since soon"))

    assert said.startswith("I can't read “soon” as a time.\nTry 2h (two hours ago)")


async def test_as_a_report_it_says_what_is_new_since_the_last(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary activity --since 12h") as report:
        await report.next()
        quiet = await report.next()
        for number in range(5):
            await run_line(report.terminal, EVE, "backup list", number)
        news = await report.news()

    assert quiet.title == ("hourly: no change since Mon 23 Nov 11:00 (UTC). No commands in 12 hours")
    assert news == [
        "New under “Unusual”: slack:U0EVE.",
    ]
