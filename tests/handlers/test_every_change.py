"""Every command on both generations, and every change up to its request and the request's result."""

import re

import pytest
from change_requests import ALICE, BOB, CAROL, ask, now
from every_command import (
    COMMANDS,
    every_command_site,
)
from every_command_answers import (
    SECRETS,
    assert_golden_text,
    complaints,
    group_lines,
)
from every_command_lines import (
    CHANNEL,
    naming,
    with_cluster,
)
from workflow_kit import WorkflowRunner, hurry

from bot.changes.operation import ExecutionContext
from bot.changes.record import ChangeState
from bot.domain.approval_requirement import RequirementKind
from bot.domain.errors import CloudError, OutcomeUnknown
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio

REFUSALS = (400, 401, 402, 403, 404, 409, 422, 429)
LOST = (500, 503)
CHANGES = [each for each in COMMANDS if each.change]
HOME = {"v1": "orders-prod", "v2": "payments-prod"}
OTHERWISE = {
    ("cluster replication", "v1"): "cluster replication ledger-prod strictly-synchronous",
    ("cluster replication", "v2"): "cluster replication payments-prod asynchronous",
    ("cluster rename", "v1"): "cluster rename orders-prod orders-prod-2",
    ("cluster rename", "v2"): "cluster rename payments-prod payments-prod-2",
    ("cluster upgrade", "v2"): "cluster upgrade payments-prod 17 --reason later",
    ("database delete", "v1"): "database delete orders-prod orders_archive",
    ("user delete", "v1"): "user delete orders-prod orders_readonly",
}
"""Lines for commands whose example names a cluster of the other generation."""

ONLY = {
    "v1": {"database create", "database delete", "user create", "user delete", "user password"},
    "v2": {"cluster logging"},
}
"""Commands that the other generation lacks."""

SCRIPTED = {"database delete"}
"""Of these, changes there as well: they hand out a script."""


@pytest.fixture
async def table(tmp_path, monkeypatch):
    async with every_command_site(tmp_path, monkeypatch, clusters=21) as table:
        yield table


async def line_on(table, command, api):
    line = await table.line(command)
    return OTHERWISE.get((command.name, api)) or with_cluster(command, line, HOME[api])


@pytest.mark.parametrize("api", HOME)
async def test_on(table, api):
    """Missing features of a generation are named with their substitute; nothing ends in a raw 404."""
    named = [each for each in COMMANDS if naming(each, "cluster")]
    lines = [(each, line) for each in named if (line := await line_on(table, each, api))]
    cells = [await table.say(command, line) for command, line in lines]

    golden = f"refusals/on_{api}"
    assert_golden_text(golden, group_lines([cell for cell in cells if not cell.reply.ok], golden=golden))
    assert [complaint for cell in cells for complaint in complaints(cell)] == []
    driven = {cell.command.name for cell in cells if cell.command.change and cell.reply.ok}
    other = "v2" if api == "v1" else "v1"
    assert driven == {each.name for each in CHANGES} - ONLY[other] | SCRIPTED


@pytest.mark.parametrize("api", HOME)
async def test_a_request_that_is_refused(table, api):
    """The one request of each change, refused in each way: the answer names the next step and keeps the
    cloud's words."""
    found, sent = [], set()
    for command in CHANGES:
        if command.name in ONLY["v2" if api == "v1" else "v1"]:
            continue
        record = await ask(table.terminal, await line_on(table, command, api), BOB)
        for status in (*REFUSALS, *LOST, None):
            error = await catch_refusal(table, command, record, status)
            sent.add((command.name, status))
            found += [f"{record.plan.action}, {status}: {each}" for each in find_flaws(error, status)]

    assert found == []
    assert len(sent) == 11 * (len(CHANGES) - len(ONLY["v2" if api == "v1" else "v1"]))


async def catch_refusal(table, command, record, status):
    """Return the error of executing the plan when the cloud answers so."""
    kernel = table.terminal.kernel
    context = ExecutionContext(
        fleet=kernel.fleet,
        settings=kernel.setup.settings,
        handover=kernel.dispatcher.handover,
        now=kernel.clock.now,
    ).for_change(f"{record.id}-{status}", BOB.member)
    if status is None:
        table.seam.silent = re.compile(r"^(POST|PUT|PATCH|DELETE) ")
    else:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            table.order(kind="status", status=status, method=method)
    with pytest.raises(CloudError) as caught:
        await command.change.execute(record.plan, context)
    table.cloud_is_well()
    return caught.value


def find_flaws(error, status):
    """Yield the flaws of an error as a sentence for people, or as a record for the audit."""
    said = f"{error.sentence} {error.next_step}"
    if not error.next_step or not error.sentence.endswith("."):
        yield f"says only “{said}”"
    if re.search(r"\b404\b|Error|Exception", said) or any(each in said for each in SECRETS):
        yield f"says “{said}”"
    if isinstance(error, OutcomeUnknown) is not (status in (*LOST, None)):
        yield f"is {type(error).__name__}"
    if status and not (
        error.fault and error.fault.status == status and error.fault.messages and error.fault.codes
    ):
        yield "does not keep what the cloud said"


@pytest.mark.parametrize("command", CHANGES, ids=[each.name for each in CHANGES])
async def test_agreed_and_refused(table, command):
    """Requested, approved, sent, refused: it ends as failed, with the next step, and nothing has changed."""
    api = "v2" if command.name in ONLY["v2"] else "v1"
    record = await make_approved(table, await line_on(table, command, api))
    assert record.plan.harm is command.change.consequences.harm
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        table.order(kind="status", status=422, method=method)
    runner = WorkflowRunner(table.terminal, requester=requester_of(command))

    async with hurry(table.terminal):
        assert not await runner.run(await runner.claim(record))

    ended = await now(table.terminal, record)
    assert ended.state is ChangeState.FAILED
    assert "Check the values" in ended.result
    rows = [row for row in await table.terminal.audit() if row["change"] == record.id]
    assert [row["outcome"] for row in rows if row["kind"] == "intent"] == ["intended"]
    assert [row["outcome"] for row in rows if row["kind"] == "change"][-2:] == ["refused", "failed"]
    refused = next(row["requests"] for row in rows if row["outcome"] == "refused")
    assert '"status":422' in refused
    assert re.search(r'"said":"[^"]*-422 · [A-Z]', refused)


def requester_of(command):
    """Return a person who may request it and is not needed to approve it."""
    return ALICE if command.group in {"cluster", "restore"} else BOB


async def make_approved(table, line):
    """Return a change with all its approvals."""
    first = line.split()
    command = next(each for each in CHANGES if list(each.words) == first[: len(each.words)])
    record = await ask(table.terminal, line, requester_of(command))
    votes = [(requester_of(command), f"change confirm {record.id} --name '{record.plan.target.name}'")]
    if record.need.kind is RequirementKind.APPROVAL:
        votes = [(BOB, f"change approve {record.id}"), (CAROL, f"change approve {record.id}")]
    for voter, words in votes[: max(len(record.missing_roles()), 1)]:
        reply = await table.terminal.run(words, voter, CHANNEL)
        assert reply.ok, render_plain(reply)
    return await now(table.terminal, record)
