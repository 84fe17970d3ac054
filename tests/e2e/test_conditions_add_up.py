"""Rules that ask for approval only add up, through both ways from Slack: signed HTTP and Socket Mode."""

import pytest
from form_kit import decide, message
from password_site import propose, type_line, wait_for_end
from rules_site import (
    ALICE,
    BOB,
    PROD,
    VERA,
    change_now,
    everything_seen,
    find_cluster,
    requests_to,
    rules_document,
    rules_site,
)

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio

RENAME = {"changes": ["cluster rename"], "roles": {"developer": 1}}
DATA = {
    "changes": ["restore", "cluster delete"],
    "clusters": PROD,
    "roles": {"dba": 1},
    "break_glass": ["dba"],
}
OTHERS = {"changes": ["*"], "need": "confirm"}


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_rename_out_of_a_rule_needs_its_approvals_beside_those_for_renaming(
    tmp_path, monkeypatch, mode
):
    async with rules_site(tmp_path, monkeypatch, rules_document(RENAME, DATA, OTHERS), mode=mode) as site:
        prod = find_cluster(site, "orders-prod")
        record = await propose(site, ALICE, "/pg cluster rename orders-prod orders-old")
        card = await message(site, VERA, "waiting for 1 developer approval")
        await decide(site, VERA, card, "Approve rename")
        await site.idle()
        half, seen = await change_now(site, record), await everything_seen(site, VERA)
        sent = requests_to(site, prod)
        await type_line(site, BOB, f"/pg change approve {record.id}")
        ended = await wait_for_end(site, record)

    assert record.need.words() == "1 developer approval, and 1 DBA approval"
    assert (half.state, sent) == (ChangeState.PROPOSED, [])
    assert "1 DBA approval (approval rule 2, which would no longer apply under the new name)" in seen
    assert (ended.state, prod.name) == (ChangeState.DONE, "orders-old")


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_whatever_it_is_called_its_data_is_not_deleted_without_the_dba(tmp_path, monkeypatch, mode):
    async with rules_site(tmp_path, monkeypatch, rules_document(RENAME, DATA, OTHERS), mode=mode) as site:
        await type_line(site, ALICE, "/pg cluster list")
        find_cluster(site, "billing-prod").name = "billing-old"  # by somebody in the console
        await is_deleted_with_the_dba(site, "billing-prod", "billing-old")
        record = await propose(site, ALICE, "/pg cluster rename orders-prod orders-old")
        for voter in (VERA, BOB):
            await type_line(site, voter, f"/pg change approve {record.id}")
        await wait_for_end(site, record)
        await is_deleted_with_the_dba(site, "orders-prod", "orders-old")


async def is_deleted_with_the_dba(site, former, name):
    prod = find_cluster(site, name)
    renamed = requests_to(site, prod)
    deletion = await propose(site, ALICE, f"/pg cluster delete {name}")
    await type_line(site, ALICE, f"/pg change confirm {deletion.id} --name {name}")
    await type_line(site, VERA, f"/pg change approve {deletion.id}")
    alone, sent = await change_now(site, deletion), requests_to(site, prod)
    await type_line(site, BOB, f"/pg change approve {deletion.id}")
    ended = await wait_for_end(site, deletion)

    assert deletion.need.rule == f"approval rule 2, as for its former name {former}"
    assert (alone.state, sent) == (ChangeState.PROPOSED, renamed)
    assert (ended.state, requests_to(site, prod)) == (ChangeState.DONE, [*renamed, "DELETE"])


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_only_where_the_rule_says_so_does_a_requester_use_break_glass(tmp_path, monkeypatch, mode):
    by_requester = DATA | {"clusters": [{"name": "billing-prod"}], "break_glass_by": "requester"}
    document = rules_document(by_requester, DATA, OTHERS)
    async with rules_site(tmp_path, monkeypatch, document, mode=mode) as site:
        await uses_break_glass(site, "orders-prod", "another")
        await uses_break_glass(site, "billing-prod", "requester")


async def uses_break_glass(site, name, by):
    prod = find_cluster(site, name)
    record = await propose(site, BOB, f"/pg cluster delete {name}")
    line = f'/pg change breakglass {record.id} --name {name} --reason "disk full"'
    await type_line(site, BOB, line)
    after = await change_now(site, record)
    if by == "another":
        assert (after.state, requests_to(site, prod)) == (ChangeState.PROPOSED, [])
        assert f"You requested {record.id} yourself, so somebody else has to use break-glass" in (
            await everything_seen(site, BOB)
        )
        await type_line(site, "U0CAROL", line)
    ended = await wait_for_end(site, record)
    await type_line(site, BOB, f"/pg change review {record.id}")
    reviewed = await change_now(site, record)

    assert (ended.state, requests_to(site, prod)) == (ChangeState.DONE, ["DELETE"])
    assert (ended.break_glass_by, reviewed.reviewed_by) == (BOB if by == "requester" else "U0CAROL", "")
