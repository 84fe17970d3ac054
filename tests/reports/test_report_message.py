"""A report's message: the news above, the rest in the thread, one line without news."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.reply import Chart, Choice, Choices, Fields, File, Mention, Note, Reply, Table, Text, Warn
from bot.reports.message import build_message, describe_lateness, failure_notice, not_posted_notice
from bot.reports.record import Report, Result, ResultHistory, Slot
from bot.reports.snapshot import take_snapshot
from bot.settings.report_settings import ReportSetting
from bot.slack.web_api import slack_error

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SETTING = ReportSetting(
    name="morning",
    command="cluster list",
    when="0 9 * * *",
    zone="Europe/Berlin",
    channel="C0OPS",
    owner="U0BOB",
)
REPORT = Report(setting=SETTING)
SLOT = Slot(report="morning", at=AT, due_at=AT)


def fleet(*names, parts=()):
    """Return a reply with one table."""
    return Reply(
        f"{len(names)} clusters", (*parts, Table("Clusters", ("Name",), tuple((name,) for name in names)))
    )


def before(*replies):
    """Return results of the days before, the last of them yesterday."""
    return [Result(AT - (len(replies) - n) * DAY, take_snapshot(each)) for n, each in enumerate(replies)]


def tell(reply, results=(), *, slot=SLOT, muted=()):
    return build_message(REPORT, slot, reply, ResultHistory(list(results), {}), muted)


def of(kind, reply):
    return [part for part in reply.parts if isinstance(part, kind)]


def test_the_first_one_says_that_there_is_nothing_to_compare_with():
    said = tell(fleet("a"))

    assert said.top.title == "morning: 1 clusters"
    assert said.top.parts[0] == Text("This is the first run, so there is nothing to compare with yet.")
    assert said.details.title == "Details of morning"
    assert of(Table, said.details)[0].rows == (("a",),)
    assert of(Table, said.top) == []


def test_nothing_new_is_one_line_in_the_clock_of_its_zone():
    said = tell(fleet("a"), before(fleet("a")))

    line = "morning: no change since Sun 22 Nov 09:00 (Europe/Berlin). 1 clusters"
    assert said.top == Reply(line, ())
    assert said.details is None


def test_a_heartbeat_still_names_what_could_not_be_looked_at():
    gap = Warn("Could not read v2 in fr/par")

    said = tell(fleet("a", parts=(gap,)), before(fleet("a", parts=(gap,))))

    assert said.top.parts == (gap,)
    assert said.details is None


def test_what_is_new_stands_in_the_message_and_the_owner_is_mentioned():
    mention = Mention(("U0ALICE",))

    said = tell(fleet("a", "b", parts=(mention,)), before(fleet("a")))

    assert said.top.parts[:2] == (
        Text("Since Sun 22 Nov 09:00 (Europe/Berlin):\n• New under “Clusters”: b."),
        mention,
    )
    assert of(Mention, said.details) == []


def test_people_to_remind_are_mentioned_without_news_as_often_as_said():
    reminder = Mention(("U0ALICE",), every=7 * DAY)
    reply = fleet("a", parts=(reminder,))
    history, mentioned = before(fleet("a")), []

    for number in range(16):
        slot = replace(SLOT, at=AT + number * DAY)
        said = tell(reply, history, slot=slot)
        mentioned.append(reminder in said.top.parts)
        assert not of(Mention, tell(reply, history, slot=replace(slot, asked_by="bob")).top)
        history = [*history, Result(slot.at, said.snapshot)]

    assert [number for number, each in enumerate(mentioned) if each] == [0, 7, 14]


def test_one_that_was_asked_for_is_whole_and_mentions_nobody_without_news():
    slot = replace(SLOT, asked_by="bob")

    said = tell(fleet("a", parts=(Mention(("U0ALICE",)),)), before(fleet("a")), slot=slot)

    assert said.top.parts[:-1] == (
        Text("No change since Sun 22 Nov 09:00 (Europe/Berlin)."),
        Note("Started by bob."),
    )
    assert said.details is not None


def test_the_buttons_of_the_message():
    [choices] = of(Choices, tell(fleet("a")).top)

    assert choices.choices == (
        Choice("Run again", "report run morning"),
        Choice("Open", "cluster list"),
        Choice("CSV", "cluster list --csv"),
        Choice("Snooze a day", "report snooze morning 1d"),
        Choice("Settings", "report show morning"),
    )


def test_each_table_of_the_thread_can_be_muted_and_a_muted_one_is_not_there():
    reply = Reply("Fleet", tuple(Table(name, ("Name",), ()) for name in ("Failed", "It's old")))

    [choices] = of(Choices, tell(reply).details)
    assert choices.choices == (
        Choice("Mute “Failed”", "report mute morning Failed"),
        Choice("Mute “It's old”", "report mute morning 'It'\"'\"'s old'"),
    )
    said = tell(reply, muted=("failed",))
    assert [part.caption for part in of(Table, said.details)] == ["It's old"]


def test_muting_a_table_is_no_news_of_it_and_neither_is_showing_it_again():
    yesterday, today = (
        Reply("Fleet", (Table("Failed", ("Name",), rows),)) for rows in ((("a",),), (("b",),))
    )

    quiet = tell(today, before(yesterday), muted=("Failed",))
    again = tell(today, [Result(AT - DAY, quiet.snapshot)])
    moved = tell(today, before(yesterday))

    assert quiet.top.title.startswith("morning: no change since")
    assert again.top.title.startswith("morning: no change since")
    assert "New under “Failed”: b." in of(Text, moved.top)[0].text


def test_what_stands_above_or_is_the_commands_own_is_not_in_the_thread():
    parts = (
        Warn("Careful"),
        Chart("Trend", "line", ("Mon",), (("Rows", (1.0,)),)),
        Mention(("U0ALICE",)),
        Choices((Choice("Open", "help"),)),
        File("a.csv", b"a"),
    )

    said = tell(Reply("Fleet", (*parts, Fields((("Clusters", 1),)))))

    assert said.top.parts[0] == parts[0]
    assert of(Chart, said.top) == [parts[1]]
    assert said.details.parts == (Fields((("Clusters", 1),)),)
    assert tell(Reply("Fleet", parts)).details is None


def test_a_table_that_grows_is_drawn_once_there_are_three_points():
    results = before(fleet("a"), fleet("a", "b"))

    assert of(Chart, tell(fleet("a"), before(fleet("a", "b"))).top) == []
    [chart] = of(Chart, tell(fleet("a", "b", "c"), results).top)
    assert chart == Chart(
        "Rows",
        "line",
        ("21 Nov 09:00", "22 Nov 09:00", "23 Nov 09:00"),
        (("Clusters", (1.0, 2.0, 3.0)),),
    )


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"stands_for": 5}, "It replaces 5 runs, which the bot missed."),
        ({"why": "3 hours late: it was due Mon 23 Nov 09:00 (Europe/Berlin)."}, None),
    ],
)
@pytest.mark.parametrize("results", [[], before(fleet("a"))])
def test_remarks_stand_in_the_whole_message_and_in_the_heartbeat(changes, note, results):
    slot = replace(SLOT, **changes)

    assert of(Note, tell(fleet("a"), results, slot=slot).top) == [Note(note or changes["why"])]


@pytest.mark.parametrize(
    ("passed", "jitter", "asked_by", "sentence"),
    [
        (timedelta(minutes=9, seconds=59), "", "", ""),
        (timedelta(minutes=10), "", "", "10 minutes late: it was due Mon 23 Nov 09:00 (Europe/Berlin)."),
        (timedelta(minutes=39), "30m", "", ""),
        (timedelta(hours=3), "30m", "", "3 hours late: it was due Mon 23 Nov 09:00 (Europe/Berlin)."),
        (timedelta(hours=3), "", "bob", ""),
    ],
)
def test_one_that_comes_late_says_by_how_much(passed, jitter, asked_by, sentence):
    report = Report(setting=ReportSetting.model_validate(SETTING.model_dump() | {"jitter": jitter or None}))
    # A retry moves the time at which it may begin, which makes it no less late.
    slot = replace(SLOT, due_at=AT + passed, asked_by=asked_by)

    assert describe_lateness(report, slot, AT + passed) == sentence


@pytest.mark.parametrize(
    ("next_try", "tries", "note"),
    [
        (AT, 1, "Next try: Mon 23 Nov 09:00 (Europe/Berlin)."),
        (AT, 3, "Next try: Mon 23 Nov 09:00 (Europe/Berlin). Tried 3 times."),
        (None, 4, "It will not be tried again. Tried 4 times."),
    ],
)
def test_a_failure_says_why_and_when_it_is_tried_again(next_try, tries, note):
    assert failure_notice(REPORT, "The cloud is away.", next_try, tries) == Reply(
        "morning could not run",
        (Text("The cloud is away."), Note(note), Choices((Choice("Settings", "report show morning"),))),
        ok=False,
    )


@pytest.mark.parametrize(
    ("next_time", "end"), [(AT, " Its next run is Mon 23 Nov 09:00 (Europe/Berlin)."), (None, "")]
)
def test_the_owner_of_a_lost_channel_learns_what_to_do(next_time, end):
    assert not_posted_notice(REPORT, slack_error("not_in_channel"), next_time) == Reply(
        "Your report morning can't be posted in C0OPS",
        (
            Text("The bot is not in that channel. (Slack says not_in_channel.)"),
            Note(f"Invite the bot into the channel, or move the report to another one.{end}"),
        ),
        ok=False,
    )
