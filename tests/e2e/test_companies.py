"""A restore by two people, and what others may, in each form of company that Slack knows, by both ways in."""

import pytest
from form_kit import decide, message, modal
from password_site import propose, wait_for_end
from rules_site import (
    ALICE,
    change_now,
    find_cluster,
    requests_to,
    rules_document,
    rules_site,
)

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio

GWEN, HALIM, STRANGER = "U0GWEN", "U0HALIM", "U0STRANGER"
FORMS = {"grid": {"enterprise": True}, "org-wide": {"enterprise": True, "org_wide": True}}
RESTORE = '/pg restore orders-prod --to 2h --reason "bad deploy"'


def document(*, workspaces=()):
    approvals = {"changes": ["restore"], "roles": {"dba": 1}}
    found = rules_document(approvals, {"changes": ["*"], "need": "confirm"})
    found["people"] = {"developer": [ALICE], "dba": [GWEN, HALIM]}
    found["permissions"] = [{"to": ["developer", "dba"], "allow": ["*"]}]
    return found | {"slack": {"workspaces": list(workspaces)}}


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize("form", FORMS)
async def test_somebody_who_works_in_two_workspaces_of_an_enterprise_approves(
    tmp_path, monkeypatch, form, mode
):
    """The click comes from the other workspace, and an org-wide one from none."""
    options = {"mode": mode, "company": FORMS[form]}
    async with rules_site(tmp_path, monkeypatch, document(), **options) as site:
        record = await propose(site, ALICE, RESTORE)
        card = await message(site, HALIM, "waiting for 1 DBA approval")
        await decide(site, HALIM, card, "Approve restore")
        ended = await wait_for_end(site, record)
        requests = requests_to(site, find_cluster(site, "orders-prod"))

    assert (ended.state, requests) == (ChangeState.DONE, ["POST"])
    assert [vote.voter for vote in ended.votes] == [HALIM]


@pytest.mark.parametrize("mode", ["socket", "http"])
@pytest.mark.parametrize(("workspaces", "state"), [((), "proposed"), (("T0SECOND",), "done")])
async def test_the_people_of_another_workspace_count_once_it_is_named(
    tmp_path, monkeypatch, mode, workspaces, state
):
    options = {"mode": mode, "company": FORMS["grid"]}
    async with rules_site(tmp_path, monkeypatch, document(workspaces=workspaces), **options) as site:
        record = await propose(site, ALICE, RESTORE)
        card = await message(site, GWEN, "waiting for 1 DBA approval")
        if workspaces:
            assert (await decide(site, GWEN, card, "Approve restore"))["ok"]
        else:
            await site.click(GWEN, card, "Approve restore")
            await modal(site, GWEN, "slack.workspaces in app.yaml does not list")
        now = await (wait_for_end if workspaces else change_now)(site, record)

    assert now.state.value == state


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_in_a_direct_message_with_another_company_nothing_is_changed_or_shared(
    tmp_path, monkeypatch, mode
):
    options = {"mode": mode, "company": {"connect": True}}
    async with rules_site(tmp_path, monkeypatch, document(), **options) as site:
        for line in ("/pg cluster list --share", RESTORE):
            assert (await site.slash(ALICE, line, "D0CONNECT"))["ok"]
        await site.idle()
        theirs = await site.seen(STRANGER, "D0CONNECT")
        own = await site.seen(ALICE, "D0CONNECT")
        changes = await site.bot.kernel.dispatcher.changes.rows.latest()
        assert (await site.slash(ALICE, RESTORE, "D0ALICE"))["ok"]
        await site.idle()
        after = await site.bot.kernel.dispatcher.changes.rows.latest()

    assert (theirs, changes) == ([], [])
    assert "Slack does not say whether" in str(own)
    assert len(after) == 1
