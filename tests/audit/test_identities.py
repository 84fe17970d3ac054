"""People in the log under several names, where the terminal's users are people of Slack."""

from dataclasses import replace

import pytest
from audit_kit import ROW

from bot.audit.records import split_actor
from bot.domain.request import Actor, Origin


@pytest.mark.parametrize(
    ("actor", "shown"),
    [
        (Actor(origin=Origin.SLACK, id="U0BOB"), "slack:U0BOB"),
        (Actor(origin=Origin.TERMINAL, id="root"), "os:root"),
        (Actor(origin=Origin.TERMINAL, id="root", person="U0BOB"), "os:root as slack:U0BOB"),
        (
            Actor(origin=Origin.TERMINAL, id="root as slack:U0EVE", person="U0BOB"),
            "os:root_as_slack:U0EVE as slack:U0BOB",
        ),
        (Actor(origin=Origin.SCHEDULE, id="morning", person="U0BOB"), "schedule:morning"),
    ],
)
def test_a_mapped_user_of_the_machine_is_named_with_the_person(actor, shown):
    assert str(actor) == shown


@pytest.mark.parametrize(
    ("actors", "persons"),
    [
        (["slack:U0BOB", "os:root as slack:U0BOB"], ["slack:U0BOB", "slack:U0BOB"]),
        (["os:root", "os:root as slack:U0BOB"], ["slack:U0BOB", "slack:U0BOB"]),
        (
            ["os:root", "os:root as slack:U0BOB", "os:root as slack:U0EVE"],
            ["os:root", "slack:U0BOB", "slack:U0EVE"],
        ),
        (["os:olga", "bot", "schedule:as as as"], ["os:olga", "bot", "schedule:as as as"]),
    ],
)
def test_old_rows_and_new_are_of_one_person(actors, persons):
    rows = [replace(ROW, actor=actor) for actor in actors]
    who = split_actor(rows)

    assert [who(row) for row in rows] == persons
