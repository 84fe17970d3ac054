"""`/pg change show`: one change, everything that is known of it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from bot.audit.hash_chain import is_keyed
from bot.changes.audit_payload import build_bundle
from bot.changes.card import load_card
from bot.changes.record import ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Picks, Positional, command
from bot.commands.form_layout import InForm
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import Denied, InputError, NoSuchThing
from bot.domain.reply import Cell, Fields, File, Note, Part, Reply, Table
from bot.domain.times import seen_in
from handlers.shared.audit_visibility import AuditVisibility


class ChangeShowArguments(Arguments):
    change: Annotated[
        str,
        Positional(),
        Picks("change"),
        InForm(hint=""),
        Field(description="Id of the change, such as c-7kq2mf"),
    ]
    bundle: Annotated[
        bool,
        InForm(label="As a file", hint="One JSON file with the audit entries, for offline checks."),
        Field(description="Return one JSON file with the audit entries, for offline checks"),
    ] = False


@command(examples=("change show c-7kq2mf", "change show c-7kq2mf --bundle"))
async def change_show(args: ChangeShowArguments, ctx: Context) -> Reply:
    """Show a change: plan, decisions and progress.

    --bundle returns one file with the request, plan, decisions, policy version, API requests and audit
    entries. “python -m bot.audit.evidence FILE” checks it without the bot. The bundle requires permission to
    read the audit log.
    """
    record = await ctx.find_change(args.change)
    if args.bundle:
        return await _make_bundle(record, ctx)
    reply = await load_card(record, ctx.changes.rows, await ctx.changes.name_approvers(record), details=True)
    milestones = await ctx.changes.rows.milestones(record.id)
    script = _script_parts(record, ctx)
    rows = tuple((_localize_time(each.at, record), each.words) for each in milestones)
    table = [Table("Timeline", ("When", "Event"), rows, name=f"{record.id}-timeline")] if rows else []
    return replace(reply, parts=(*reply.parts, *script, _show_facts(record), *table))


def _script_parts(record: ChangeRecord, ctx: Context) -> tuple[Part, ...]:
    """Return the script that an approved change hands out, if it is one of those."""
    command = ctx.registry.get(tuple(record.plan.command.split()))
    make = command.change.script if command and command.change else None
    is_due = record.state is ChangeState.DONE and record.plan.hands_out_script
    return make(record.plan).explain() if is_due and make else ()


def _show_facts(record: ChangeRecord) -> Fields:
    return Fields(
        (
            ("State", record.label),
            ("Digest", record.digest[:16]),
            ("Policy", f"{record.policy} ({record.need.rule})"),
            ("Expires", _localize_time(record.expires_at, record) if record.is_open else None),
            ("Started", _localize_time(record.started_at, record)),
            ("Ended", _localize_time(record.ended_at, record)),
            ("New cluster id", record.made or None),
        )
    )


def _localize_time(at: datetime | None, record: ChangeRecord) -> Cell:
    """Return a time in the requester's zone, as the rest of the card shows it."""
    return None if at is None else seen_in(at, record.requester.time_zone)


async def _make_bundle(record: ChangeRecord, ctx: Context) -> Reply:
    reading = ctx.registry.get(("audit", "story"))
    if reading is None or not ctx.may_run(reading):
        raise Denied(
            "A bundle contains audit entries, and you may not read the audit log.",
            "Ask someone who may run “audit story”.",
        )
    sight = await AuditVisibility.of(ctx)
    if not all(map(sight.may_see, await ctx.audit.find_related(record.id))):
        raise Denied(
            f"The bundle of {record.id} contains audit entries that you may not see.",
            "Ask someone who may see every cluster.",
        )
    found = await ctx.changes.rows.evidence(record.id)
    if found is None:
        raise NoSuchThing(ErrorCode.CHANGE_NOT_FOUND, f"Change {record.id} no longer exists.")
    proof = await ctx.audit.proof(record.id)
    if len({is_keyed(row) for row in proof}) > 1:
        raise InputError(
            f"{record.id} began before the audit log had a key, so no single file can prove it.",
            "“pgbot audit verify” checks the whole log instead.",
        )
    milestones = await ctx.changes.rows.milestones(record.id)
    content = build_bundle(found, milestones, proof, await ctx.audit.segment(proof))
    name = f"{record.id}-evidence.json"
    note = Note(
        f"Check it with “python -m bot.audit.evidence {name}”. “pgbot audit verify” checks the whole log."
    )
    return Reply(f"Evidence of {record.id}, {record.plan.action}", (File(name, content), note))
