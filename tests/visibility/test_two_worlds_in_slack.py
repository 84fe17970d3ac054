"""In Slack, too, nothing tells of what is hidden: no option of a form, no Home tab, no answer."""

import json
import re
from datetime import timedelta

import pytest
from bot_site import bot_site
from every_command_answers import without_random
from form_kit import form, home, message, search
from one_contract import SETTINGS
from two_worlds import CHANGED, HIDDEN, SECRET_CHANGES, copy_cluster, hidden_id, in_all_states

from bot.changes import rows
from bot.changes.record import ChangeState
from bot.runtime.database.sqlite import insert
from bot.slack.app_home import REFRESH_SECONDS

pytestmark = pytest.mark.anyio
ALICE, BOB, VERA, OPS = "U0ALICE", "U0BOB", "U0VERA", "C0OPS"
TO_RUN = (ChangeState.APPROVED, ChangeState.RUNNING)
RESTORE = 'restore {} --to 2h --reason "bad deploy"'
SEARCHES = (
    ("restore --form", "cluster", ("", "vault", "ord", hidden_id("vault-prod")[:8])),
    ("backup show --form", "backup", ("", hidden_id("vault-prod")[:8])),
    ("change approve --form", "change", ("", "c-hidd", "vault")),
    ("change withdraw --form", "change", ("", "restore")),
    ("change show --form", "change", ("",)),
)
LINES = (
    "cluster show vault-prod",
    "change approve {hidden}",
    "change deny {hidden}",
    "change breakglass {hidden} --name vault-prod --reason x",
    "change confirm {hidden} --name vault-prod",
    "change withdraw {hidden}",
    "change settle {hidden} ran",
    "change review {hidden}",
    "change show {hidden}",
    "change list all",
    "audit list",
)


def settings_of(folder):
    text = SETTINGS.read_text(encoding="utf-8")
    for old, new in CHANGED:
        text = text.replace(old, new.replace("U0LOOK", VERA), 1)
    path = folder / "app.yaml"
    path.write_text(re.sub(r"(?m)^  auditor: .*\n|^  - \{to: \[auditor\].*\n", "", text), encoding="utf-8")
    return path


async def hide(site):
    """Add clusters, and changes about them in every state."""
    for name, (like, contract) in HIDDEN.items():
        found = next(each for each in site.demo.cloud.everything() if each.name == like)
        site.demo.cloud.add(copy_cluster(found, name, contract))
    await site.slash(ALICE, f"/pg {RESTORE.format('vault-prod')}")
    await message(site, ALICE, "waiting for 2 DBA approvals")
    store = site.bot.kernel.dispatcher.changes.rows
    [record] = [each for each in await store.latest() if each.plan.target.name == "vault-prod"]
    await site.bot.kernel.database.write(
        lambda db: [insert(db, "changes", rows.change_row(each)) for each in in_all_states(record)]
    )


async def look_around(folder, patch, *, has_hidden):
    """Return all that the person who sees little gets to see."""
    folder.mkdir()
    seen = {}
    async with bot_site(folder, patch, settings=settings_of(folder), clusters=21) as site:
        await site.ask(ALICE, f"/pg {RESTORE.format('orders-staging')}")
        if has_hidden:
            await hide(site)
        await site.idle()
        for line, field, texts in SEARCHES:
            view = await form(site, VERA, f"/pg {line}")
            for text in texts:
                seen[f"{line} {text}"] = await search(site, VERA, view, field, text)
        for line in LINES:
            for hidden in SECRET_CHANGES[::5] if "{hidden}" in line else ("",):
                shown = await site.ask(VERA, f"/pg {line.format(hidden=hidden)}")
                seen[line, hidden] = [shown["text"], shown.get("blocks")]
        seen["home"] = (await home(site, VERA, "Updated"))["blocks"]
        seen["refreshed"] = await publications_after_a_change(site, has_hidden=has_hidden)
    return {name: normalize(json.dumps(each, ensure_ascii=False)) for name, each in seen.items()}


def normalize(text):
    """Return the text without ids that are drawn: of changes, blocks and traces."""
    text = text.replace("\\n", " ")
    return re.sub(r'"block_id": "[^"]*"|\b[0-9a-f]{12}\b', "<id>", without_random(text))


async def publications_after_a_change(site, *, has_hidden):
    """Return how often the Home tab is made again while only hidden changes move."""
    asked = {"method": "views.publish"}
    before = len((await site.http.get("/_workspace/calls", params=asked)).json()["calls"])
    if has_hidden:
        await site.ask(ALICE, f"/pg change withdraw {SECRET_CHANGES[0]}")
    for _ in range(3):
        site.demo.clock.advance(timedelta(seconds=REFRESH_SECONDS + 1))
        await site.ask(BOB, "/pg whoami")  # time for the page to be looked at
    return len((await site.http.get("/_workspace/calls", params=asked)).json()["calls"]) - before


async def test_nothing_in_slack_depends_on_what_is_hidden(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        without = await look_around(tmp_path / "without", patch, has_hidden=False)
        with_hidden = await look_around(tmp_path / "with", patch, has_hidden=True)

    differ = [
        f"{name}\n  {each}\n  {with_hidden[name]}"
        for name, each in without.items()
        if each != with_hidden[name]
    ]
    if differ:
        pytest.fail("\n".join(differ))
    assert "orders-prod" in without["restore --form ord"]
    assert "c-7kq2mf" in without["change approve --form "]
