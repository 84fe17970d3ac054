"""Clicks that Slack signed and that should count for nothing: forged, replayed, from elsewhere, too late."""

import json

import pytest
from bot_site import OPS, Signed, bot_site
from form_kit import text_of

from bot.changes.record import ChangeState
from bot.demo.http_client import loopback_client

pytestmark = pytest.mark.anyio
ALICE, BOB, CAROL, VERA, GUEST = "U0ALICE", "U0BOB", "U0CAROL", "U0VERA", "U0GUEST"
SHARED = "C0SHARED"


@pytest.fixture
async def signed(tmp_path, monkeypatch):
    async with (
        bot_site(tmp_path, monkeypatch, mode="http") as site,
        loopback_client() as http,
    ):
        await site.ask(ALICE, '/pg restore orders-prod --to 2h --reason "bad deploy"')
        await site.idle()
        yield Signed(site, http)


async def record_of(signed):
    return (await signed.site.bot.kernel.dispatcher.changes.rows.latest())[-1]


async def press(signed, user, line, *, channel=OPS, trigger="1.2.press", **more):
    """Click as Slack would send it, whatever its button says; return the rows that it leaves in the audit."""
    known = len(signed.site.audit())
    payload = {
        "type": "block_actions",
        "team": {"id": "T0DEMO"},
        "api_app_id": "A0DEMO",
        "user": {"id": user, "team_id": "T0DEMO"},
        "channel": {"id": channel},
        "trigger_id": trigger,
        "actions": [{"type": "button", "action_id": "run:0", "value": line, "action_ts": trigger}],
    } | more
    assert (await signed.post({"payload": json.dumps(payload)})).status_code == 200
    await signed.site.idle()
    return signed.site.audit()[known:]


async def answers(signed, user, channel=OPS):
    """Return the text of every message that this person sees, here and in their direct messages."""
    direct = signed.site.demo.workspace.direct_channel(user)
    here = "".join(text_of(each) for each in await signed.site.seen(user, channel))
    return here + "".join(each.text for each in direct.messages.values())


FORGED = {
    "a value of another change's button": (
        BOB, "change approve {id} --digest 000000000000", OPS, "is for another plan than that of",
    ),
    "a denial with such a value": (BOB, "change deny {id} --digest 0000000", OPS, "is for another plan"),
    "by the requester": (ALICE, "change approve {id}", OPS, "you have none of these roles"),
    "by a bystander": (VERA, "change approve {id}", OPS, "you have none of these roles"),
    "by a guest": (GUEST, "change approve {id}", OPS, "guests may not change anything"),
    "from a channel that another company reads": (
        BOB, "change approve {id}", SHARED, "shared with another company",
    ),
    "a command in place of the button's": (
        VERA, "cluster delete orders-prod --reason x", OPS, "no permission allows it",
    ),
    "a settlement of what has not run": (BOB, "change settle {id} ran", OPS, "nothing to settle"),
    "of a change that is not there": (BOB, "change approve c-zzzzzz", OPS, "There is no change c-zzzzzz"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
async def test_it_is_answered_recorded_and_counts_for_nothing(signed, case):
    user, line, channel, words = FORGED[case]
    before = await record_of(signed)
    rows = await press(signed, user, line.format(id=before.id), channel=channel)

    assert await record_of(signed) == before
    assert signed.site.demo.cloud.posts.rows() == []
    assert rows[-1]["outcome"] in {"denied", "mistyped"}
    assert words in rows[-1]["detail"]
    assert {row["kind"] for row in rows} <= {"invocation", "outcome"}
    assert words in await answers(signed, user, channel)


async def test_a_click_that_is_delivered_again_counts_once(signed):
    before = await record_of(signed)
    first = await press(signed, BOB, f"change approve {before.id}")
    again = await press(signed, BOB, f"change approve {before.id}")

    assert [row["outcome"] for row in first if row["kind"] == "decision"] == ["approved"]
    assert again == []
    assert len((await record_of(signed)).votes) == 1


async def test_a_click_with_a_key_of_its_own_is_told_that_the_first_has_counted(signed):
    before = await record_of(signed)
    await press(signed, BOB, f"change approve {before.id}")
    rows = await press(signed, BOB, f"change approve {before.id}", trigger="9.9.other")

    assert rows[-1]["outcome"] == "mistyped"
    assert "You already approved" in rows[-1]["detail"]
    assert len((await record_of(signed)).votes) == 1


async def test_what_belongs_to_another_workspace_is_recorded_and_nothing_else(signed):
    before = await record_of(signed)
    rows = await press(signed, BOB, f"change approve {before.id}", team={"id": "T0OTHER"})

    assert await record_of(signed) == before
    assert [row["outcome"] for row in rows] == ["refused"]


async def test_a_click_after_the_end_is_told_how_it_ended(signed):
    record = await record_of(signed)
    await press(signed, BOB, f"change deny {record.id}")
    rows = await press(signed, CAROL, f"change approve {record.id}", trigger="3.3.late")

    assert (await record_of(signed)).state is ChangeState.DENIED
    assert "is already denied (bob denied it)" in rows[-1]["detail"]
