"""docs/reports.md is true: its example, its times in words, and its pictures."""

import re
from pathlib import Path

import pytest
import yaml

from bot.domain.schedule import parse_schedule
from bot.settings.model import Settings

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reports.md").read_text(encoding="utf-8")
TIMES = re.findall(r"^\| `([^`]+ at [^`]+|every [^`]+)` \| `([^`]+)` \|$", PAGE, re.MULTILINE)
PICTURES = re.findall(r'(?:src|srcset)="([^"]+)"', PAGE)

LARGEST = 200_000
"""Bytes of one picture."""


def test_the_examples_are_read_as_settings():
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    settings, drills = (Settings.model_validate(yaml.safe_load(each)) for each in examples)

    assert len(settings.reports) == 2
    assert {each.holidays for each in settings.reports} - {None} <= set(settings.holidays)
    assert [each.name for each in drills.reports] == ["proof"]


def test_the_table_of_times_is_there():
    assert len(TIMES) >= 5


@pytest.mark.parametrize(("words", "cron"), TIMES)
def test_words_mean_the_cron_beside_them(words, cron):
    assert parse_schedule(words).crons == tuple(cron.split("; "))


def test_every_built_in_report_is_pictured_in_both_colours():
    names = set(re.findall(r"\*\*`summary (\w+)`\*\*", PAGE))
    expected = {f"images/report-{name}-{colour}.webp" for name in names for colour in ("light", "dark")}

    assert names
    assert set(PICTURES) == expected
    assert all((DOCS / each).stat().st_size < LARGEST for each in PICTURES)
