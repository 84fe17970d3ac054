"""`policy explain`: yes or no with the rules, for somebody else, on a cluster or on any."""

import json

import pytest
from bot_site import bot_site
from change_requests import BOB

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_yes_with_the_permission_and_what_it_would_need(terminal, fields):
    reply = await terminal.run("policy explain @U0BOB restore orders-prod", BOB)

    shown = fields(reply)
    assert reply.title == "U0BOB may run “restore” on orders-prod"
    assert (shown["Command"], shown["Cluster"]) == ("yes: permission 1", "yes: permission 1")
    assert shown["Requires"] == "2 DBA approvals (approval rule 1)"
    assert shown["Could approve as"] == "dba"
    data = make_document(reply)["data"]
    assert (data["person"]["id"], data["is_allowed"]) == ("U0BOB", True)
    assert data["may_see"] == {"allowed": True, "trace": ["permission 1"]}
    assert data["need"]["could_approve_as"] == ["dba"]


@pytest.mark.parametrize(
    ("line", "title", "why"),
    [
        ("U0ALICE user create orders-prod", "U0ALICE may not run “user create”", "no permission allows it"),
        ("U0VERA cluster list orders-staging", "U0VERA may not run", "no permission covers this cluster"),
        ("U0VERA key show", "U0VERA may run “key show”", "open to all"),
    ],
)
async def test_no_with_the_reason(terminal, line, title, why):
    reply = await terminal.run(f"policy explain {line}", BOB)

    assert reply.title.startswith(title)
    assert why in render_plain(reply)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nobody restore", "I don't know who “nobody” is."),
        ("U0BOB fly away", "is not a command"),
        ("U0BOB restore nowhere", "no cluster"),
    ],
)
async def test_what_is_not_there_is_said(terminal, line, says):
    assert says in (await terminal.run(f"policy explain {line}", BOB)).title


async def test_in_slack_user_groups_count_and_permission_says_who_may_ask(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, clusters=12) as site:
        answer = await site.ask("U0BOB", "/pg policy explain @carol restore orders-prod")
        refused = await site.ask("U0ALICE", "/pg policy explain @carol restore orders-prod")

    assert "carol may run" in answer["text"]
    assert "dba" in json.dumps(answer)
    assert "may not run" in refused["text"]
