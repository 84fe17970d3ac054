"""The machine's clock beside what servers say: which is believed, and what time it is meanwhile."""

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wrong_clock import WrongClock

from bot.runtime.checked_clock import (
    TOLERANCE,
    UNCONFIRMED,
    CheckedClock,
    OffsetRange,
    judge_clock,
    read_date,
)

DAY = 86_400.0
PLACES = tuple(f"region-{number}" for number in range(9))


class Scene:
    """A checked clock on a machine, and servers that answer it; `lead` is by how much a server is wrong."""

    def __init__(self, ahead=0.0):
        self.machine = WrongClock(ahead=ahead)
        self.clock = CheckedClock(self.machine)

    def says(self, operator, lead=0.0, host="", took=0.2):
        sent = self.machine.monotonic()
        self.machine.pass_time(took / 2)
        date = format_datetime(self.machine.world.now() + timedelta(seconds=lead), usegmt=True)
        self.machine.pass_time(took / 2)
        self.clock.note_date(operator, host or operator, date, sent)

    def both(self, lead=0.0):
        self.says("Slack", lead)
        self.says("IONOS", lead)

    @property
    def why(self):
        return self.clock.doubt.why if self.clock.doubt else ""

    @property
    def error(self):
        """Return by how many seconds the time that is read is wrong."""
        return (self.clock.now() - self.machine.world.now()).total_seconds()


def test_at_first_nobody_has_confirmed_the_time():
    scene = Scene()
    assert (scene.why, scene.clock.doubt.is_known) == (UNCONFIRMED, False)

    scene.says("Slack")

    assert (scene.why, scene.error) == ("", 0.0)


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (400, "400 s ahead of Slack's and IONOS's."),
        (-400, "400 s behind Slack's and IONOS's."),
        (DAY, "1 day ahead of Slack's and IONOS's."),
        (-5 * DAY, "5 days behind Slack's and IONOS's."),
        (10 * 365 * DAY, "3,650 days ahead of Slack's and IONOS's."),
    ],
)
def test_a_clock_that_is_wrong_from_the_start_is_told_and_the_servers_time_is_taken(ahead, words):
    scene = Scene(ahead)
    scene.both()

    assert scene.why == f"This machine's clock is {words}"
    assert scene.clock.doubt.is_known
    assert abs(scene.error) <= 1.5

    scene.machine.ahead = 0.0

    assert (scene.why, scene.error) == ("", 0.0)


def test_one_server_against_a_machine_that_nobody_has_confirmed_leaves_it_open():
    scene = Scene(400)
    scene.says("Slack")

    words = "This machine's clock is 400 s ahead of Slack's, and nobody else says which is right."
    assert (scene.why, scene.clock.doubt.is_known) == (words, False)

    scene.says("IONOS")

    assert scene.clock.doubt.is_known


@pytest.mark.parametrize("liar", ["Slack", "IONOS"])
@pytest.mark.parametrize("lead", [-DAY, -400, 400, 10 * 365 * DAY])
@pytest.mark.parametrize("is_first", [True, False])
def test_one_operator_that_lies_stops_nobody(liar, lead, is_first):
    honest = {"Slack": "IONOS", "IONOS": "Slack"}[liar]
    scene = Scene()
    scene.says(*((liar, lead) if is_first else (honest,)))
    scene.says(*((honest,) if is_first else (liar, lead)))

    assert (scene.why, scene.error) == ("", 0.0)
    assert scene.clock.lacks_answers(2, 900)  # it is asked again, and looked into


def test_one_region_that_lies_is_outvoted_by_the_others():
    scene = Scene(DAY)
    scene.says("Slack")
    for number, place in enumerate(PLACES):
        scene.says("IONOS", lead=3 * DAY if number == 4 else 0.0, host=place)

    assert scene.clock.doubt.is_known
    assert abs(scene.error) <= 1.5


@pytest.mark.parametrize("jump", [DAY, -DAY, 400, -400, 31.1, -31.1])
@pytest.mark.parametrize("answers", [0, 1, 2])
def test_a_jump_is_never_read_and_is_over_when_the_clock_is_set_right(jump, answers):
    scene = Scene()
    scene.both()
    before = scene.clock.now()
    scene.machine.ahead = jump
    assert scene.clock.now() == before
    for operator in ("Slack", "IONOS")[:answers]:
        scene.says(operator)
    scene.machine.pass_time(9)

    assert scene.why
    assert scene.clock.doubt.is_known is bool(answers)
    assert abs(scene.error) <= 1e-3

    scene.machine.ahead = 0.0
    if not answers:
        assert scene.why
        scene.says("IONOS")

    assert (scene.why, scene.error) == ("", 0.0)


def test_a_sleep_of_the_machine_is_no_doubt_once_a_server_agrees():
    scene = Scene()
    scene.both()
    sent = scene.machine.monotonic()
    stale = format_datetime(scene.machine.world.now(), usegmt=True)
    scene.machine.suspend(8 * 3600)
    assert scene.why
    scene.clock.note_date("IONOS", "IONOS", stale, sent)  # on its way while the machine slept
    assert not scene.clock.doubt.is_known
    scene.says("Slack")

    assert (scene.why, scene.error) == ("", 0.0)


def test_a_clock_that_is_back_where_it_was_before_a_sleep_is_not_believed_alone():
    """Seed 160 of the months of jumps: 415 s of sleep, and a clock set back by 421 s, while all servers are
    silent."""
    scene = Scene()
    scene.both()
    scene.machine.suspend(415)
    assert "jumped forward by 415 s" in scene.why

    scene.machine.ahead = -421
    assert "jumped forward by 415 s" in scene.why

    scene.both()
    assert (scene.clock.doubt.is_known, abs(scene.error) <= 2) == (True, True)


def test_a_machine_that_stood_still_as_a_whole_is_found_by_the_servers():
    scene = Scene()
    scene.both()
    scene.machine.suspend(600)
    scene.machine.ahead = -600.0  # both of its clocks stood still
    assert scene.why == ""
    scene.says("Slack")
    assert (scene.why, scene.clock.lacks_answers(2, 900)) == ("", True)
    scene.says("IONOS")

    assert scene.why == "This machine's clock is 600 s behind Slack's and IONOS's."
    assert abs(scene.error) <= 1.5


@pytest.mark.parametrize("ahead", [-29.0, 29.0])
@pytest.mark.parametrize("took", [0.0, 20.0, 60.0])
def test_a_second_of_the_date_and_a_slow_answer_are_no_difference(ahead, took):
    scene = Scene(ahead)
    for operator in ("Slack", "IONOS"):
        scene.says(operator, took=took)

    assert (scene.why, scene.error) == ("", ahead)


@pytest.mark.parametrize(
    "date", [None, "", "yesterday", "Mon, 23 Nov 2026", "Mon, 99 Nov 2026 09:00:00 GMT", "0"]
)
def test_an_answer_without_a_date_says_nothing(date):
    scene = Scene()
    scene.clock.note_date("Slack", "slack.com", date, scene.machine.monotonic())

    assert scene.why == UNCONFIRMED


def test_an_answer_of_a_cache_says_nothing():
    date = "Mon, 23 Nov 2026 09:00:00 GMT"

    assert read_date({"Date": date}) == date
    assert read_date({"Date": date, "Age": "3600"}) is None


def test_servers_that_differ_from_all_others_leave_it_open():
    scene = Scene(400)
    scene.says("Slack", -1000)
    scene.says("IONOS", 7000)

    words = (
        "1400 s ahead of Slack's and 1 hour 50 minutes behind IONOS's, and nobody else says which is right."
    )
    assert scene.why == f"This machine's clock is {words}"
    assert not scene.clock.doubt.is_known


OFFSETS = st.floats(-1e9, 1e9)


@given(OFFSETS, OFFSETS | st.none(), st.dictionaries(st.sampled_from(["Slack", "IONOS"]), OFFSETS))
def test_nothing_is_believed_against_two_that_agree(machine, trusted, servers):
    ranges = {name: OffsetRange(offset - 0.5, offset + 0.5) for name, offset in servers.items()}
    verdict = judge_clock(machine, trusted, ranges)

    backed = [name for name, offset in servers.items() if abs(offset - machine) <= TOLERANCE]
    if backed:
        assert verdict.doubt is None
    if len(servers) == 2 and not backed:
        assert verdict.doubt is not None
    if verdict.doubt is None:
        assert backed or (trusted is not None and abs(machine - trusted) <= TOLERANCE)
    elif verdict.doubt.is_known:
        assert any(abs(offset - verdict.offset) <= TOLERANCE + 0.5 for offset in servers.values())
