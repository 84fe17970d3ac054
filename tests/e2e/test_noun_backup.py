"""Backups from Slack, through HTTP: listed, and one shown that was searched for as one types."""

import pytest
from form_kit import form, lines, message, modals, search, submit, text_of
from password_site import BOB

pytestmark = pytest.mark.anyio


async def test_listed_for_the_fleet_and_for_one_cluster(http_site):
    fleet = await http_site.ask(BOB, "/pg backup list")
    one = await http_site.ask(BOB, "/pg backup list orders-prod")

    assert fleet["text"].startswith("1 of 44 clusters has a backup problem")
    assert one["text"].startswith("orders-prod can be restored from")


async def test_shown_by_form(http_site):
    site = http_site
    view = await form(site, BOB, "/pg backup show")
    offered = await search(site, BOB, view, "backup", "orders-prod")
    nothing = await submit(site, BOB, view)
    outcome = await submit(site, BOB, view, backup=offered[0])
    answer = await message(site, BOB, "It can be restored to any time")
    await site.idle()

    assert offered
    assert list(nothing["ack"]["errors"]) == ["field:backup"]
    assert outcome["ok"], outcome
    assert await modals(site, BOB) == []
    assert offered[0] in text_of(answer)
    assert lines(site)[-1] == (f"backup show {offered[0]}", "accepted")
