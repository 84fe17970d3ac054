"""Cards of changes as Slack shows them: who can still approve, by name."""

import json

import pytest
from bot_site import bot_site
from change_requests import BOB, TEST, ask
from form_kit import act, decide, message, modal, modals, submit, text_of
from notifier_kit import Directory
from passing_time import until
from picture_surfaces import states
from terminal_site import terminal_site

from bot.audit.evidence.program import problems
from bot.changes.card import render_card
from bot.changes.notices import FEW, ApproverNames
from bot.domain.block_kit.validation import view_problems
from bot.domain.reply import File
from bot.domain.request import AccountStatus
from bot.slack.message_budget import message_problems
from bot.slack.message_renderer import modal_blocks, render
from bot.slack.modals import text_view

pytestmark = pytest.mark.anyio
BOBS, ALICES = "U0BOB", "U0ALICE"
RESTORE = "/pg restore orders-prod --to 2h --reason 'bad deploy'"


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


async def names(terminal, record, **directory):
    return await ApproverNames(terminal.kernel.dispatcher.policy, Directory(**directory)).find(record)


async def test_a_card_names_the_people_who_can_still_approve(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.slash(ALICES, RESTORE)
        card = await message(site, BOBS, "2 DBA approvals (bob or carol)")
        assert "View details" in text_of(card)

        [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
        assert (await site.slash(BOBS, f"/pg change approve {record.id}"))["ok"]

        async def is_named():
            return "1 DBA approval (carol)" in text_of(await site.seen(ALICES))

        await until(site, is_named, seconds=1)


async def test_a_card_of_any_state_is_taken_as_a_message_and_in_a_form(terminal):
    restore, window = await ask(terminal), await ask(terminal, TEST)
    for record in (restore, window, *states(restore), *states(window)):
        for reply in (render_card(record), render_card(record, details=True)):
            assert message_problems(render(reply).payload()) == []
            assert view_problems(text_view("Change", modal_blocks(reply))) == []


async def test_nobody_is_named_who_cannot_approve(terminal):
    record = await ask(terminal)

    assert await names(terminal, record) == {"dba": ["bob", "carol"]}
    assert await names(terminal, record, members=frozenset({"U0CAROL", "U0ALICE"})) == {
        "dba": ["bob", "carol"]
    }
    gone = {"U0CAROL": AccountStatus.DEACTIVATED}
    assert await names(terminal, record, standings=gone) == {"dba": ["bob"]}


@pytest.mark.parametrize(
    "directory",
    [
        {"members": None},
        {"standings": {"U0CAROL": AccountStatus.UNKNOWN}},
        {"members": frozenset(f"U0OTHER{number}" for number in range(FEW))},
    ],
)
async def test_a_role_that_slack_does_not_tell_or_of_many_people_is_not_named(terminal, directory):
    assert await names(terminal, await ask(terminal), **directory) == {}


async def test_a_click_opens_a_form_with_the_consequence_and_an_optional_note(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.slash(ALICES, RESTORE)
        card = await message(site, BOBS, "2 DBA approvals (bob or carol)")
        await site.click(BOBS, card, "Approve restore")
        view = await modal(site, BOBS, "Approve restore")
        shown = text_of(view)
        assert "All writes after 2026-11-23 07:00:00 UTC" in shown
        assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == ["field:note"]
        assert (await submit(site, BOBS, view, note="the restore point is right"))["ok"]
        assert await modals(site, BOBS) == []

        async def is_told():
            return "bob (DBA): “the restore point is right”" in text_of(await site.seen(ALICES))

        await until(site, is_told, seconds=1)
        assert (await decide(site, "U0CAROL", card, "Deny", reason="not today"))["ok"]
        [record] = await site.bot.kernel.dispatcher.changes.rows.latest()
        decisions = [(row["outcome"], row["detail"]) for row in site.audit() if row["kind"] == "decision"]
        milestones = await site.bot.kernel.dispatcher.changes.rows.milestones(record.id)

    assert record.result == "carol denied it: not today"
    assert decisions == [
        ("approved", "the restore point is right"),
        ("denied", "carol denied it: not today"),
    ]
    assert milestones[1].words.startswith(
        "bob approved: the restore point is right. Waiting for 1 DBA approval."
    )


async def test_somebody_who_cannot_approve_gets_the_reason_instead_of_a_form(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.slash(ALICES, RESTORE)
        card = await message(site, BOBS, "2 DBA approvals (bob or carol)")
        await site.click(ALICES, card, "Approve restore")
        view = await modal(site, ALICES, "and you have none of these roles")

    assert [block for block in view["blocks"] if block["type"] == "input"] == []
    assert not view["submit"]


async def test_the_note_of_an_approval_is_proven_by_its_audit_row(terminal):
    record = await ask(terminal)
    reply = await terminal.run(f'change approve {record.id} --note "looks right"', BOB)
    assert reply.ok
    shown = await terminal.run(f"change show {record.id} --bundle", BOB)
    [file] = [part for part in shown.parts if isinstance(part, File)]
    bundle = json.loads(file.content)
    [vote] = bundle["votes"]

    assert vote["note"] == "looks right"
    assert list(problems(bundle)) == []
    for forged in ({**vote, "note": "looks wrong"}, {name: vote[name] for name in vote if name != "note"}):
        assert any("vote of" in each for each in problems({**bundle, "votes": [forged]}))


async def test_a_form_that_slack_does_not_open_leaves_the_command_to_type(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.slash(ALICES, RESTORE)
        card = await message(site, BOBS, "2 DBA approvals (bob or carol)")
        await act(site, "faults", target="block_actions", kind="expired_trigger")
        await site.click(BOBS, card, "Deny")
        answer = await message(site, BOBS, "Slack did not open the form")

    assert "“/pg help change deny” shows how" in text_of(answer)
