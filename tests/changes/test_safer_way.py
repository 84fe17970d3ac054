"""The safer way of a restore: a button that opens a form, filled in, whose end is a new cluster beside."""

from datetime import UTC, datetime

import pytest
from bot_site import bot_site
from change_kit import SETTINGS as WITH_CREDENTIALS
from change_requests import ALICE, BOB, ask
from form_kit import message, modal, submit, text_of
from one_contract import SETTINGS as DEMO
from terminal_site import terminal_site

from bot.changes.record import ChangeState
from bot.domain.reply import Choices
from bot.domain.reply_text import render_plain
from bot.slack.modal_flow import REQUEST

pytestmark = pytest.mark.anyio
USER = "U0ALICE"
V1, V2 = "orders-prod", "payments-prod"


@pytest.fixture
async def site(tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_PRIMARY_PASSWORD", "Seeded-Passw0rd!")
    async with bot_site(tmp_path, monkeypatch, settings=WITH_CREDENTIALS) as site:
        yield site


def filled_in(view):
    """Return the initial values of a form's fields."""
    found = {}
    for block in view["blocks"]:
        element = block.get("element") or {}
        value = element.get("initial_value") or (element.get("initial_option") or {}).get("value")
        value = value or element.get("initial_date_time")
        if block["type"] == "input" and value and block["block_id"].startswith("field:"):
            found[block["block_id"].split(":")[1]] = value
    return found


@pytest.mark.parametrize("name", [V1, V2])
@pytest.mark.parametrize("where", ["reply", "card"])
async def test_the_button_opens_a_form_that_makes_the_cluster(site, name, where):
    await site.ask(USER, f"/pg restore {name} --to 2h")
    words = "Nothing happens until" if where == "reply" else "View details"
    shown = await message(site, USER, words)
    assert (await site.click(USER, shown, "Restore to a new cluster instead"))["ok"]
    view = await modal(site, USER, "field:from_backup")
    values = filled_in(view)

    [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
    assert values["name"] == f"{name}-restored"
    assert values["from_backup"] == record.plan.observed["backup"]
    assert values["to"] == datetime(2026, 11, 23, 7, tzinfo=UTC).timestamp()
    review = await submitted(site, view, {})
    assert f"Create {name}-restored from backup" in text_of(review)
    assert site.demo.cloud.posts.rows() == []

    assert (await submit(site, USER, review))["ok"]
    await message(site, USER, f"Create {name}-restored from backup {values['from_backup']}: waiting")
    now = {each.plan.command: each for each in await site.bot.kernel.dispatcher.changes.rows.latest()}
    assert now["cluster create"].plan.target.api == record.plan.target.api
    assert now["restore"].state is ChangeState.PROPOSED


async def submitted(site, view, values):
    assert (await submit(site, USER, view, **values))["ok"]
    return await modal(site, USER, REQUEST)


def buttons(reply):
    return {
        each.label: each.command for part in reply.parts if isinstance(part, Choices) for each in part.choices
    }


async def test_a_name_that_is_taken_gets_a_number(tmp_path, monkeypatch):
    monkeypatch.setenv("DEMO_PRIMARY_PASSWORD", "Seeded-Passw0rd!")
    async with terminal_site(tmp_path, monkeypatch, settings=DEMO) as terminal:
        other, cluster = (
            next(each for each in terminal.cloud.everything() if each.name == name)
            for name in ("orders-staging", V2)
        )
        other.name = f"{cluster.name}-restored"
        record = await ask(terminal, f'restore {V2} --to 2h --reason "bad deploy"', BOB)

    assert record.plan.alternative.startswith(f"cluster create {V2}-restored-2 ")


async def test_where_it_could_not_work_there_is_no_button_and_it_says_why(tmp_path, monkeypatch):
    path = tmp_path / "app.yaml"
    path.write_text(
        DEMO.read_text(encoding="utf-8").replace('"*-restored*"', '"*-elsewhere"'), encoding="utf-8"
    )
    async with terminal_site(tmp_path, monkeypatch, settings=path) as terminal:
        reply = await terminal.run(f'restore {V1} --to 2h --reason "bad deploy"', ALICE)

    assert "Restore to a new cluster instead" not in buttons(reply)
    assert f"a primary user in app.yaml for a cluster called {V1}-restored" in render_plain(reply)
