"""Versions from Slack, through HTTP: typed, and by form."""

import pytest
from form_kit import form, message, modals, submit, text_of
from password_site import BOB

pytestmark = pytest.mark.anyio


async def test_typed(http_site):
    answer = await http_site.ask(BOB, "/pg version list --api v2")

    assert answer["text"].startswith("New clusters can run PostgreSQL 14")
    assert "data_table" in text_of(answer)


async def test_by_form(http_site):
    view = await form(http_site, BOB, "/pg version list --form")
    outcome = await submit(http_site, BOB, view, api="v2", region="de/fra")
    answer = await message(http_site, BOB, "version list --api v2 --region de/fra")

    assert outcome["ok"], outcome
    assert await modals(http_site, BOB) == []
    assert "gb/lhr" not in text_of(answer)
