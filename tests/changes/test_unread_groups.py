"""User groups that Slack does not return: decisions that need them are refused as unknown, others
continue."""

from dataclasses import replace
from datetime import timedelta

import pytest
from bot_site import bot_site
from change_requests import ALICE, BOB, CAROL, PROD, ask, decision_outcomes, now
from form_kit import message, modal
from terminal_site import terminal_site

from bot.access.policy import UNREAD
from bot.demo.workspace.slack_faults import SlackFault
from bot.slack.directory import KEPT_SECONDS

pytestmark = pytest.mark.anyio
NOT_KNOWN = "Slack did not return your user groups"
IN_THE_DARK = replace(CAROL, groups=frozenset({UNREAD}))


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


@pytest.mark.parametrize(
    "line",
    [
        "change approve {id}",
        "change deny {id}",
        "change withdraw {id}",
        "change breakglass {id} --name orders-prod --reason fire",
    ],
)
async def test_no_decision_counts_of_somebody_whose_groups_are_not_known(terminal, line):
    record = await ask(terminal, PROD, ALICE)
    reply = await terminal.run(line.format(id=record.id), IN_THE_DARK)

    assert not reply.ok
    assert reply.title.startswith(NOT_KNOWN)
    assert await now(terminal, record) == record
    assert await decision_outcomes(terminal, record) == []
    assert (await terminal.audit())[-1]["outcome"] == "denied"


async def test_whoever_has_the_role_by_their_own_id_decides(terminal):
    record = await ask(terminal, PROD, ALICE)
    reply = await terminal.run(f"change approve {record.id}", replace(BOB, groups=frozenset({UNREAD})))

    assert reply.ok


async def test_whoever_no_group_would_help_is_told_what_they_lack(terminal):
    record = await ask(terminal, PROD, ALICE)
    both = replace(BOB, groups=frozenset({UNREAD}))
    await terminal.run(f"change approve {record.id}", both)

    assert "approved" in (await terminal.run(f"change approve {record.id}", both)).title


@pytest.mark.parametrize("line", [PROD, "cluster delete orders-prod", "drill orders-prod"])
async def test_nothing_is_asked_for_on_rights_that_are_not_known(terminal, line):
    reply = await terminal.run(line, IN_THE_DARK)

    assert NOT_KNOWN in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_a_click_in_slack_waits_for_an_answer_about_the_group(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.ask("U0ALICE", f"/pg {PROD}")
        card = await message(site, "U0VERA", "2 DBA approvals")
        site.demo.clock.advance(timedelta(seconds=KEPT_SECONDS))
        site.demo.workspace.faults.add(
            SlackFault(target="usergroups.users.list", kind="server_error", times=1)
        )
        assert (await site.click("U0CAROL", card, "Approve restore"))["ok"]
        await modal(site, "U0CAROL", NOT_KNOWN)
        [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
        assert record.votes == ()

        await site.ask("U0CAROL", f"/pg change approve {record.id}")
        [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
        assert [vote.name for vote in record.votes] == ["carol"]
