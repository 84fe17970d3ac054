"""A restore whose target the backup does not reach: the card says the cluster's state and the ways out."""

import re
from datetime import timedelta

import pytest
from bot_site import bot_site
from form_kit import text_of
from passing_time import ended

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio
ALICE, BOB = "U0ALICE", "U0BOB"


async def test_a_target_after_the_last_commit_of_an_idle_database(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        record = next(each for each in site.demo.cloud.everything() if each.name == "orders-staging")
        site.demo.clock.advance(timedelta(milliseconds=789))
        record.idle_since = site.demo.clock.now() - timedelta(days=1)
        asked = text_of(await site.ask(ALICE, '/pg restore orders-staging --to 2h --reason "bad deploy"'))
        assert "If nothing was written to orders-staging after that time, the restore fails" in asked
        [change] = set(re.findall(r"c-[0-9a-z]{6}", asked))
        await site.ask(BOB, f"/pg change approve {change}")
        kept = await ended(site, change)
        shown = text_of(await site.ask(ALICE, f"/pg change show {change}"))
        copy = re.search(r"In any state: “([^”]+)”", shown)[1]
        again = text_of(await site.ask(ALICE, f"/pg {copy} --dry-run"))

    [sent] = record.restores
    assert f"Restore orders-staging to {sent.target:%Y-%m-%d %H:%M:%S} UTC" in asked
    assert sent.target.microsecond == 0
    assert kept.state is ChangeState.FAILED
    assert "It was accepted, and then it is FAILED and stays so." in shown
    assert "The database may be down, without the old or the new data" in shown
    assert "contact IONOS support" in shown
    assert "Create orders-staging-restored from backup" in again
