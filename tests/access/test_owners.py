"""Owners of app.yaml become people whom Slack can notify, or nobody."""

import pytest

from bot.access.owners import people_of
from bot.settings.model import Settings

SETTINGS = Settings(people={"alice": ("U0ALICE",), "dba": ("U0BOB", "S0DBA", "U0CAROL")})


@pytest.mark.parametrize(
    ("owner", "expected"),
    [
        ("@alice", ("U0ALICE",)),
        ("alice", ("U0ALICE",)),
        ("@dba", ("U0BOB", "U0CAROL")),
        ("U0VERA", ("U0VERA",)),
        ("S0DBA", ()),
        ("the shop team", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_an_owner_is_a_person_or_a_role_of_people(owner, expected):
    assert people_of(owner, SETTINGS) == expected
