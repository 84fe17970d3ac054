"""A change under several approval rules: what people are shown, whose vote counts where, and its evidence."""

import copy
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from change_requests import ALICE, BOB, CAROL, VERA, ask, now, person
from rules_site import EVERYTHING, rules_document
from tampered_changes import Intruder
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, hurry
from yaml_files import write_yaml

from bot.audit.evidence.chain import hash_of
from bot.audit.evidence.program import problems
from bot.changes.card import render_card
from bot.changes.record import ChangeState
from bot.domain.error_codes import ExitCode
from bot.domain.reply import File
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio

PEOPLE = {"developer": ["U0ALICE", "U0VERA"], "dba": ["U0BOB", "U0CAROL"], "boss": ["U0CAROL"]}
RULES = (
    {"changes": ["cluster rename"], "roles": {"developer": 1}, "own_vote": True, "break_glass": ["boss"]},
    {
        "changes": ["cluster delete"],
        "clusters": [{"tier": "prod"}],
        "roles": {"dba": 1},
        "break_glass": ["dba", "boss"],
    },
    {
        "changes": ["restore"],
        "clusters": [{"tier": "prod"}],
        "roles": {"boss": 1},
        "break_glass": ["dba", "boss"],
    },
    {"changes": ["*"], "need": "confirm"},
)
RENAME = "cluster rename orders-prod orders-old"


@asynccontextmanager
async def opened(tmp_path, monkeypatch, *rules):
    document = rules_document(*rules, people=PEOPLE, permissions=[{**EVERYTHING[0], "to": ["everyone"]}])
    path = tmp_path / "app.yaml"
    write_yaml(path, document)
    async with terminal_site(tmp_path, monkeypatch, settings=path, clusters=12) as terminal:
        yield terminal


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, *RULES) as terminal:
        yield terminal


async def says(terminal, line, who):
    reply = await terminal.run(line, who)
    assert reply.ok, reply
    return render_plain(reply)


async def test_everything_that_shows_a_change_shows_each_rule_and_what_it_lacks(terminal):
    record = await ask(terminal, RENAME, ALICE)
    vera = await says(terminal, f"change approve {record.id}", VERA)
    left = "which would no longer apply under the new name"
    lacks = f"1 DBA approval (approval rule 2, {left}) and 1 boss approval (approval rule 3, {left})"

    assert f"waiting for {lacks}" in vera
    for line in ("change list", "home", "summary changes", f"change show {record.id}"):
        assert lacks in await says(terminal, line, ALICE), line
    card = render_plain(render_card(await now(terminal, record)))
    assert "approval rule 1" not in card
    assert card.startswith(f"Rename orders-prod to orders-old: waiting for {lacks}")


async def test_a_change_under_one_rule_looks_as_before(terminal):
    record = await ask(terminal, "cluster delete orders-prod", ALICE)
    card = render_plain(render_card(record))

    assert "All of these are required" not in card
    assert f"{record.expires_at:%Y-%m-%d}" in card
    assert card.splitlines()[0] == "Delete orders-prod: waiting for 1 DBA approval"


async def test_one_vote_counts_for_every_rule_that_its_roles_are_of(terminal):
    record = await ask(terminal, RENAME, ALICE)
    waits = await says(terminal, "home", CAROL)
    await says(terminal, f"change approve {record.id}", CAROL)
    after = await now(terminal, record)

    assert "1 change needs your attention" in waits
    assert (after.describe_missing(), after.state) == (
        "1 developer approval (approval rule 1)",
        ChangeState.PROPOSED,
    )
    assert "Waiting for your approval" not in await says(
        terminal, "home", BOB
    )  # a second dba changes nothing


async def test_the_requesters_own_vote_counts_only_where_the_rule_lets_it(terminal):
    carol = person("U0CAROL", "carol")
    record = await ask(terminal, RENAME, ALICE)
    await says(terminal, f"change approve {record.id}", ALICE)
    by_alice = await now(terminal, record)
    await says(terminal, f"change withdraw {record.id}", ALICE)
    record = await ask(terminal, RENAME, carol)
    refused = await terminal.run(f"change approve {record.id}", carol)

    assert "developer" not in by_alice.describe_missing()
    assert "somebody else has to approve it" in refused.title


async def test_break_glass_is_for_the_roles_of_every_rule(terminal):
    record = await ask(terminal, RENAME, ALICE)
    line = f"change breakglass {record.id} --name orders-prod --reason fire"
    refused = await terminal.run(line, BOB)

    assert "Break-glass is only for boss here" in refused.title
    assert (await terminal.run(line, CAROL)).ok


async def test_its_evidence_holds_and_a_vote_that_is_missing_for_one_rule_is_found(terminal):
    record = await ask(terminal, RENAME, ALICE)
    for voter in (VERA, CAROL):
        await says(terminal, f"change approve {record.id}", voter)
    bundle = await evidence_of(terminal, record)
    assert list(problems(bundle)) == []

    for rule in (0, 1, 2):
        weaker = copy.deepcopy(bundle)
        del weaker["need"]["conditions"][rule]
        assert "its need is not the one whose SHA-256" in " ".join(problems(rehashed(weaker)))
    for vote in bundle["votes"]:
        fewer = copy.deepcopy(bundle)
        fewer["votes"].remove(vote)
        rows = fewer["audit"]["rows"]
        rows[:] = [row for row in rows if row["outcome"] != "approved" or row["at"] != vote["at"]]
        assert any("it was sent without approval by 1 " in each for each in problems(rehashed(fewer)))


def rehashed(bundle):
    """Return it with every hash made anew, as the owner of the database could."""
    rows = bundle["audit"]["rows"]
    for before, row in zip([None, *rows], rows, strict=False):
        if before is not None and row["seq"] == before["seq"] + 1:
            row["prev"] = before["hash"]
        row["hash"] = hash_of(row, None)
    bundle["audit"]["head"] = {"seq": rows[-1]["seq"], "hash": rows[-1]["hash"]}
    return bundle


STEP_UP = {"changes": ["cluster delete"], "roles": {"dba": 1}, "step_up": True}


async def deleted_with_code(terminal):
    """Delete a cluster under STEP_UP, with messages of a Slack that keeps them; return the evidence."""
    sent = []

    async def send(person, reply):
        sent.append((person, reply.title))

    dispatcher = replace(terminal.kernel.dispatcher, send_direct=send)
    terminal.kernel = replace(terminal.kernel, dispatcher=dispatcher)
    record = await ask(terminal, "cluster delete orders-prod", ALICE)
    asked = await terminal.run(f"change approve {record.id}", BOB)
    assert "enter the code" in asked.title
    assert asked.exit_code is ExitCode.WAITING
    [(person, title)] = sent
    assert person == "U0BOB"
    await says(terminal, f"change approve {record.id} --code {title.split()[-1]}", BOB)
    return await evidence_of(terminal, record)


async def evidence_of(terminal, record):
    runner = WorkflowRunner(terminal, ALICE)
    async with hurry(terminal):
        await runner.run(await runner.claim(await now(terminal, record)))
    reply = await terminal.run(f"change show {record.id} --bundle", BOB)
    [file] = [part for part in reply.parts if isinstance(part, File)]
    return json.loads(file.content)


async def test_the_evidence_of_an_approval_that_needs_a_code_has_it(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, STEP_UP) as terminal:
        bundle = await deleted_with_code(terminal)
    assert list(problems(bundle)) == []

    for row in bundle["audit"]["rows"]:
        kept = json.loads(row["kept"] or "{}")
        if kept.pop("code", None):
            row["kept"] = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    assert any("it was sent without approval by 1 dba" in each for each in problems(rehashed(bundle)))


async def test_where_no_code_can_be_sent_nothing_that_needs_one_is_decided(tmp_path, monkeypatch):
    async with opened(tmp_path, monkeypatch, STEP_UP) as terminal:
        record = await ask(terminal, "cluster delete orders-prod", ALICE)
        refused = await terminal.run(f"change approve {record.id}", BOB)

        assert "needs a code by direct message, which can't be sent from here" in refused.title
        assert (await now(terminal, record)).votes == ()


async def test_a_rule_that_asks_for_a_code_by_now_asks_again(tmp_path, monkeypatch):
    rule = {name: value for name, value in STEP_UP.items() if name != "step_up"}
    async with opened(tmp_path, monkeypatch, rule) as terminal:
        record = await ask(terminal, "cluster delete orders-prod", ALICE)
        await says(terminal, f"change approve {record.id}", BOB)
    async with opened(tmp_path, monkeypatch, STEP_UP) as terminal:
        changes, approved = terminal.kernel.dispatcher.changes, await now(terminal, record)
        more = await changes.describe_stricter_policy(approved, approved.plan)

    assert more == "app.yaml now requires more: 1 DBA approval, with a code"


async def test_what_a_forged_vote_seems_to_fill_is_not_asked_for_in_an_empty_sentence(terminal):
    """The audit log stops the change when it is decided or sent; a refusal before that has to be one."""
    record = await ask(terminal, "cluster delete orders-prod", ALICE)
    vote = "INSERT INTO votes (change_id, voter, name, word, roles, digest, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    given = (record.id, "U0BOB", "bob", "approve", '["dba"]', record.digest, "2026-11-23T09:00:00Z")
    Intruder(terminal.kernel.database.path).run(vote, *given)
    refused = await terminal.run(f"change approve {record.id}", ALICE)

    assert "Waiting for ." not in render_plain(refused)
    assert (await now(terminal, record)).describe_missing() == "nothing"
