"""`report add`: a preview of content and times, then the stored report; refusals are one sentence."""

from dataclasses import replace

import pytest
from report_terminal import (
    ADD,
    ALICE,
    BOB,
    MORNING,
    NOBODY,
    VERA,
    buttons,
    fields,
    notes,
    refusal,
    report_terminal,
    table,
)

from bot.domain.reply_document import make_document
from bot.domain.request import Invocation

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch, MORNING, holidays={"off": ["2026-11-30"]}) as terminal:
        yield terminal


async def list_settings(terminal):
    return [each.setting for each in await terminal.rows.made_in_slack()]


async def test_the_next_five_times_are_shown_in_its_zone_and_nothing_is_kept(terminal):
    reply = await terminal.say(f"{ADD} --zone America/New_York")

    assert reply.title == "mine would be posted in C0OPS"
    assert fields(reply) == {
        "Command": "cluster list",
        "When": "every Monday at 9:00",
        "Understood as": "At 09:00 on Monday",
        "Run 1": "Mon 23 Nov 09:00 (America/New_York)",
        "Run 2": "Mon 30 Nov 09:00 (America/New_York)",
        "Run 3": "Mon 07 Dec 09:00 (America/New_York)",
        "Run 4": "Mon 14 Dec 09:00 (America/New_York)",
        "Run 5": "Mon 21 Dec 09:00 (America/New_York)",
    }
    assert notes(reply) == ["Nothing is saved yet."]
    data = make_document(reply)["data"]
    assert (data["is_saved"], data["next_runs"][0]) == (False, "2026-11-23T14:00:00Z")
    assert await list_settings(terminal) == []


async def test_the_button_keeps_exactly_what_was_shown(terminal):
    line = (
        'report add mine --command "cluster list" --when "0 9 * * 1" --zone Europe/Paris'
        ' --channel <#C0DBA|dba> --late skip --jitter 2m --holidays off --sections "Clusters,Not here"'
        ' --reason "the weekly"'
    )
    proposed = await terminal.say(line)

    reply = await terminal.say(buttons(proposed)["Save"])

    [kept] = await terminal.rows.made_in_slack()
    assert reply.title == "mine is saved for C0DBA: 0 9 * * 1"
    assert fields(reply) == fields(proposed)
    assert (kept.by, kept.team, kept.at) == ("U0BOB", "T0DEMO", terminal.kernel.clock.now())
    assert kept.setting.model_dump(mode="json") == {
        "name": "mine",
        "command": "cluster list",
        "when": "0 9 * * 1",
        "zone": "Europe/Paris",
        "channel": "C0DBA",
        "owner": "U0BOB",
        "reason": "the weekly",
        "late": "skip",
        "jitter": "PT2M",
        "hours": None,
        "holidays": "off",
        "sections": ["Clusters", "Not here"],
    }
    assert "Mon 30 Nov" not in str(fields(reply))


@pytest.mark.parametrize(
    ("line", "days", "hours"),
    [
        ("mon-fri 8:00-18:00", ["mon", "tue", "wed", "thu", "fri"], ("08:00", "18:00")),
        ("Sat,sun 10:00 to 24:00", ["sat", "sun"], ("10:00", "24:00")),
        ("mon-tue,thu 8:30–9:30", ["mon", "tue", "thu"], ("08:30", "09:30")),
        ("8:00-18:00", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ("08:00", "18:00")),
        ("mon 8-18", ["mon"], ("08:00", "18:00")),
        ("mon 9am to 6 pm", ["mon"], ("09:00", "18:00")),
        ("sat 8.30 - noon", ["sat"], ("08:30", "12:00")),
    ],
)
async def test_hours_are_kept_as_app_yaml_has_them(terminal, line, days, hours):
    reply = await terminal.say(f'{ADD.replace("every Monday at 9:00", "every hour")} --hours "{line}" --save')

    [kept] = await list_settings(terminal)
    assert kept.hours.model_dump(mode="json", include={"days", "since", "until"}) == {
        "days": days,
        "since": hours[0],
        "until": hours[1],
    }
    assert f"{', '.join(days)}, {hours[0]} to {hours[1]}" in str(await terminal.say("report show mine"))
    assert reply.ok


async def test_times_outside_of_its_hours_are_not_listed_as_next(terminal):
    every = ADD.replace("every Monday at 9:00", "every 6 hours")
    reply = await terminal.say(f'{every} --zone UTC --hours "mon-fri 8:00-18:00"')

    times = [value for name, value in fields(reply).items() if name.startswith("Run")]
    assert times == [
        f"{day} 12:00 (UTC)" for day in ("Mon 23 Nov", "Tue 24 Nov", "Wed 25 Nov", "Thu 26 Nov", "Fri 27 Nov")
    ]
    assert "--hours" in buttons(reply)["Save"]


async def test_here_and_my_time_are_what_is_meant_without_a_word(terminal):
    await terminal.say(f"{ADD} --save", ALICE, "C0DBA")

    [kept] = await list_settings(terminal)
    assert (kept.channel, kept.zone, kept.owner) == ("C0DBA", "Europe/Berlin", "U0ALICE")


async def test_it_is_in_the_list_and_in_the_audit(terminal):
    await terminal.say(f"{ADD} --save")

    assert [row["Name"] for row in table(await terminal.say("report list"), "Made in Slack")] == ["mine"]
    rows = [row for row in await terminal.audit() if row["command"] == "report add"]
    assert [(row["kind"], row["actor"], row["outcome"]) for row in rows] == [
        ("invocation", "slack:U0BOB", "accepted"),
        ("outcome", "slack:U0BOB", "ok"),
    ]
    assert rows[0]["text"] == f"{ADD} --save"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("cluster list", "restore orders-prod --to 2h"),
            "“restore” makes changes, and reports must be read-only.\nChoose a read-only command.",
        ),
        (
            ("cluster list", "report run morning"),
            "“report run” makes changes, and reports must be read-only.",
        ),
        (
            ("cluster list", "cluster lsit"),
            "“cluster lsit” is not a command.\nDid you mean “cluster list”?",
        ),
        (
            ("cluster list", "cluster list --stat X"),
            "“cluster list” has no flag --stat.\nDid you mean --state?",
        ),
        (
            ("every Monday at 9:00", "soon"),
            "--when: I can't read “soon” as a schedule. Try “every weekday at 8:30”, “every Monday at 9:00 ",
        ),
        (("every Monday at 9:00", "0 9 30 2 *"), "--when: I can't read “0 9 30 2 *” as a schedule."),
        (
            ("every Monday at 9:00", "every 7 hours"),
            "--when: “every 7 hours” is not regular: 24 can't be divided by 7. "
            "Choose a number that divides 24, or use a cron expression.",
        ),
        (
            ("mine", "Mine"),
            "A report's name can have lower-case letters, digits and dashes, at most 40 characters.\n"
            "An example is morning-fleet.",
        ),
        (
            ("mine", "morning"),
            "A report called morning already exists.\nChoose another name, or remove it first.",
        ),
    ],
)
@pytest.mark.parametrize("save", ["", " --save"])
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, change, words, save):
    reply = await terminal.say(ADD.replace(*change) + save)

    assert refusal(reply).startswith(words)
    assert await list_settings(terminal) == []


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--zone Mars/Base", "--zone: it must be the name of a time zone, such as Europe/Berlin."),
        ("--jitter 4", "--jitter: it must be a duration such as 24h or 3d."),
        (
            "--holidays moon",
            "There is no holiday calendar called moon.\nholidays in app.yaml has: off.",
        ),
        (
            "--channel #ops",
            "I can't tell which channel “#ops” is.\n"
            "Run this in the channel itself, or give its id, such as C024BE91L.",
        ),
        (
            "--hours 18:00-8:00",
            "Can’t read “18:00-8:00” as hours: use days from mon to sun, and start before the end.\n"
            "Write them like “mon-fri 8:00-18:00”.",
        ),
        (
            "--hours 'fry 8:00-18:00'",
            "Can’t read “fry 8:00-18:00” as hours: use days from mon to sun, and start before the end.\n"
            "Write them like “mon-fri 8:00-18:00”.",
        ),
        ("--hours morning", "Can’t read “morning” as hours.\nWrite them like “mon-fri 8:00-18:00”."),
        ("--late never", "--late can't be “never”.\nChoose one of run, skip, merge."),
    ],
)
async def test_flags_that_are_wrong(terminal, flags, words):
    assert refusal(await terminal.say(f"{ADD} {flags}")) == words


async def test_a_name_of_slack_is_taken_too(terminal):
    await terminal.say(f"{ADD} --save")

    assert "A report called mine already exists." in refusal(await terminal.say(f"{ADD} --save", ALICE))
    assert [each.owner for each in await list_settings(terminal)] == ["U0BOB"]


async def test_without_a_channel_nobody_can_tell_where_it_shall_come(terminal):
    reply = await terminal.say(ADD, replace(BOB, origin="terminal", id="bob", person="U0BOB"), "")

    assert refusal(reply) == "There is no channel to post in.\nName one with --channel."


async def test_nobody_reports_what_they_may_not_run_themselves(terminal):
    reply = await terminal.say(ADD.replace("cluster list", "audit list"), ALICE)

    assert "You may not run “audit list” here" in refusal(reply)


@pytest.mark.parametrize(
    ("actor", "why"), [(VERA, "no permission allows it"), (NOBODY, "terminal.people in app.yaml")]
)
async def test_who_may_not_is_told_so(terminal, actor, why):
    said = refusal(await terminal.say(f"{ADD} --save", actor))

    assert said.startswith("You may not run “report add” here: ")
    assert why in said
    assert await list_settings(terminal) == []


@pytest.mark.parametrize("external", [True, None])
async def test_no_report_is_made_from_a_channel_that_is_shared_or_may_be(terminal, external):
    invocation = Invocation(
        key="shared",
        trace="feedbeef",
        actor=BOB,
        channel="C0SHARED",
        text=f"{ADD} --save",
        at=terminal.kernel.clock.now(),
        external_channel=external,
    )
    reply = await terminal.kernel.dispatcher.dispatch(invocation)

    assert "another company" in refusal(reply)
    assert await list_settings(terminal) == []
