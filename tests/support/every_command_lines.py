"""Calls of commands: their examples, with real names put in place, and lines like them."""

import re

from audit_rows import audit_rows
from change_requests import ALICE, BOB, CAROL, PROD, STAGING, TEST, ask, become, run_log

from bot.changes.record import ChangeState
from bot.commands.declaration import Registry, field_choices
from bot.commands.parser import parse, spell
from bot.domain.reply_text import render_plain

CHANNEL = "C0OPS"

_CHANGE = "c-7kq2mf"

GLASS = 'change breakglass {id} --name orders-prod --reason "losing data now"'
QUIET = "cluster maintenance orders-prod --day sunday --time 03:30"
"""Needs a confirmation, without the cluster's name."""

SUBSTITUTED = {
    "drill": {"10.1.2.9/24": "192.168.31.77/24"},
    "policy explain": {"@bob": "U0BOB"},
    "report add": {"morning": "early"},
}


async def _asked(table, line, actor, *votes):
    record = await ask(table.terminal, line, actor)
    for voter, words in votes:
        reply = await table.terminal.run(words.format(id=record.id), voter, CHANNEL)
        assert reply.ok, render_plain(reply)
    return {_CHANGE: record.id}


def _change(line, actor, *votes):
    async def prepare(table, _example):
        return await _asked(table, line, actor, *votes)

    return prepare


async def _to_approve(table, example):
    votes = [(BOB, "change approve {id}")] if "--take-back" in example else []
    return await _asked(table, PROD, ALICE, *votes)


async def _to_confirm(table, example):
    return await _asked(table, TEST if "--name" in example else QUIET, BOB)


async def _to_break(table, _example):
    """Review the last break-glass use as somebody else, so that it may be used again."""
    for record in await table.terminal.kernel.dispatcher.changes.rows.latest():
        if record.skipped and not record.reviewed_by:
            other = CAROL if record.break_glass_by == BOB.member else BOB
            reply = await table.terminal.run(f"change review {record.id}", other, CHANNEL)
            assert reply.ok, render_plain(reply)
    return await _asked(table, PROD, ALICE)


async def _to_review(table, example):
    await _to_break(table, example)
    return await _asked(table, PROD, ALICE, (CAROL, GLASS))


async def _unknown(table, _example):
    """Bring a change into an unknown outcome, after ending the one before: a cluster runs one at a time."""
    for record in await table.terminal.kernel.dispatcher.changes.rows.latest():
        unfinished = record.state in {ChangeState.RUNNING, ChangeState.UNKNOWN}
        if unfinished and record.plan.target.name == "orders-staging":
            await run_log(table.terminal.kernel).stop(record, "another one is next")
            await table.terminal.run(f"change settle {record.id} not-run", ALICE)
    names = await _asked(table, STAGING, ALICE, (BOB, "change approve {id}"))
    await become(table.terminal.kernel, names[_CHANGE], unknown=True)
    return names


async def _backup(table, example):
    fleet = table.terminal.kernel.fleet
    [cluster] = [each for each in (await fleet.clusters()).items if each.name == "orders-prod"]
    found = (await fleet.backups(cluster)).items[0].id
    written = re.search(r"5f4d8a31\S*", example)
    return {written[0]: found} if written else {}


async def _row(table, _example):
    [row] = await audit_rows(table.terminal.kernel.database, 1)
    return {"1204": str(row["seq"])}


async def _trace(_table, _example):
    return {"3f2a9c04b1d7": "feedbeef"}


async def _secret(table, example):
    await _run(table, "key set age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")
    written = re.search(r"file:\S+", example)
    return {written[0]: table.names["secret"]} if written else {}


def _after(*lines):
    async def prepare(table, _example):
        for line in lines:
            await _run(table, line)
        return {}

    return prepare


async def _run(table, line):
    reply = await table.terminal.run(line, BOB, CHANNEL)
    assert reply.ok, render_plain(reply)


async def _weekly(table, _example):
    names = [report.name for report in await table.terminal.kernel.dispatcher.reports.all_reports()]
    if "backups-weekly" not in names:
        await _run(table, 'report add backups-weekly --command "backup list" --when "0 6 * * 1" --save')
    return {}


PREPARED = {
    "audit show": _row,
    "audit story": _trace,
    "backup show": _backup,
    "change approve": _to_approve,
    "change breakglass": _to_break,
    "change cancel": _change(PROD, BOB),
    "change confirm": _to_confirm,
    "change deny": _change(PROD, ALICE),
    "change review": _to_review,
    "change settle": _unknown,
    "change show": _change(PROD, ALICE),
    "change withdraw": _change(PROD, BOB),
    "cluster create": _backup,
    "key remove": _secret,
    "key show": _secret,
    "migration unwaive": _after("migration waive PGR020 orders-prod --until 30d --reason accepted"),
    "report remove": _weekly,
    "user create": _secret,
    "user password": _secret,
}


def naming(command, *picks):
    """Return the fields that name a thing of these kinds; --like names a cluster as well."""
    fields_ = command.arguments.model_fields
    return [
        name for name in fields_ if command.picks(name) in picks or ("cluster" in picks and name == "like")
    ]


def with_cluster(command, line, cluster):
    """Return the line for another cluster; empty where the command is not about one."""
    given = parse(line, Registry((command,))).arguments
    named = [name for name in naming(command, "cluster") if getattr(given, name)]
    return spell(command, given, **dict.fromkeys(named, cluster)) if named else ""


def mistyped_lines(command, line):
    """Return lines that are wrong in one place each."""
    yield f"{line} --colour red"
    if any(info.is_required() for info in command.arguments.model_fields.values()):
        yield command.name
    for flag, info in command.flags():
        if field_choices(info) or "str" not in str(info.annotation):
            yield f"{line} --{flag}=nonsense"
