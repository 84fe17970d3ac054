"""Kills, older copies, a second bot and wrong clocks, together in the life of one change."""

import pytest
from approved_change import put_secrets
from continuity import wrong_after
from crash_site import crash_site

pytestmark = pytest.mark.anyio

SEEDS = (0, 13, 19, 21, 42, 62)
"""Short ones. 0 ended as done where no row said that it was sent."""


async def test_no_combination_doubles_a_change_or_tells_an_untruth(tmp_path, monkeypatch):
    put_secrets(monkeypatch)
    async with crash_site(tmp_path) as site:
        # A minute of theirs is a second: many at once would lose their lease again and again.
        assert await wrong_after(site, SEEDS, at_once=3) == {}
