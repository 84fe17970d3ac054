"""Older copies of both files, of every named point of a change, in any pair."""

import os

import pytest
from approved_change import put_secrets
from older_copies import wrong_after

pytestmark = [pytest.mark.anyio, pytest.mark.soak]
RUNS = int(os.environ.get("SOAK_RUNS", "1000"))


@pytest.mark.parametrize("trace", ["full", "late", "none"])
async def test_no_pair_of_older_copies_doubles_or_makes_up_anything(tmp_path, monkeypatch, trace):
    put_secrets(monkeypatch)

    assert await wrong_after(tmp_path, trace, seed=RUNS, count=RUNS) == {}
