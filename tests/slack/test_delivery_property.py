"""Whatever Slack does, and whenever the bot is killed: never two copies in silence, never nobody told."""

import os

import pytest
from delivery_play import delivery_stage

pytestmark = pytest.mark.anyio
SOME, MANY = 60, int(os.environ.get("SOAK_RUNS", "1000"))


@pytest.mark.parametrize("seeds", [range(SOME), pytest.param(range(SOME, MANY), marks=pytest.mark.soak)])
async def test_no_trouble_makes_a_second_copy_in_silence_or_leaves_everybody_untold(
    tmp_path, monkeypatch, seeds
):
    wrong = {}
    async with delivery_stage(tmp_path, monkeypatch) as stage:
        for seed in seeds:
            copies, is_told = await stage.play(seed)
            if copies > 1 or not is_told:
                wrong[seed] = (copies, is_told)

    assert wrong == {}
