"""Stored runs and sightings of contracts that are asked no more, and runs that were judged by other rules."""

from datetime import timedelta

import pytest
from one_contract import DEMO_SETTINGS as SETTINGS
from terminal_site import terminal_site

from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio
BILLING = "    - {name: billing, token: env:DEMO_TOKEN_BILLING}\n"
RULE = """
from migrations.rule import Basis, Clear, Remedy, Rule, Severity

rule = Rule(
    module=__name__,
    title="a rule of ours",
    severity=Severity.INFO,
    basis=Basis.DOCUMENTED,
    source="our handbook",
    remedy=Remedy(text="nothing"),
)


@rule.check
def check(facts):
    return Clear()
"""


@pytest.fixture
def say(tmp_path, monkeypatch):
    """Say a line to a process of its own, an hour after the one before, with app.yaml edited so."""

    hours = iter(range(9))

    async def say(line, edit=lambda text: text):
        path = tmp_path / "app.yaml"
        path.write_text(edit(SETTINGS.read_text(encoding="utf-8")), encoding="utf-8")
        async with terminal_site(tmp_path, monkeypatch, settings=path, clusters=13) as terminal:
            terminal.kernel.clock.advance(timedelta(hours=next(hours)))
            return render_plain(await terminal.run(line))

    return say


async def test_clusters_of_a_contract_that_was_taken_out_are_left_out_and_not_gone(say):
    await say("migration status")
    status, summary, history = [
        await say(line, lambda text: text.replace(BILLING, ""))
        for line in ("migration status", "summary migration", "migration history")
    ]

    # One was being deleted all the time.
    note = "of IONOS contracts that app.yaml no longer has, or has with other credentials."
    assert note in status
    assert note in summary
    assert note in history
    assert [line.split()[0] for line in status.splitlines() if line.endswith("in neither")] == [
        "inventory-test"
    ]


async def test_a_run_is_not_compared_with_one_of_other_rules(say, tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "pgr900_ours.py").write_text(RULE, encoding="utf-8")
    await say("migration status")
    with_ours = f"\nmigration:\n  rules: {tmp_path / 'rules'}\n"
    other, same = [await say("migration status", lambda text: text + with_ours) for _ in range(2)]

    assert "Not compared with the last run at 2026-11-23 09:00 UTC, which used different rules." in other
    assert "Since the last run, 2026-11-23 10:00 UTC: nothing has changed." in same
