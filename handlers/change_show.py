"""`/pg change show`: one change, everything that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

from bot.access.policy import CommandRequest
from bot.audit.hash_chain import is_keyed
from bot.changes.card import load_card
from bot.changes.change_result import ChangeView, PersonRef
from bot.changes.proof import build_bundle
from bot.changes.record import ChangeRecord, ChangeState, DecisionKind, Milestone
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Picks, Positional, command, returns
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import Denied, InputError, NoSuchThing
from bot.domain.reply import Cell, Column, Fields, File, Note, Part, Reply, show_table
from bot.domain.result import CommandResult
from bot.domain.times import seen_in
from handlers.shared.audit_visibility import AuditVisibility


class ChangeShowArguments(Arguments):
    change: Annotated[str, Positional(), Picks("change"), InForm(hint="")]
    """Id of the change, such as c-7kq2mf"""
    bundle: Annotated[
        bool, InForm(label="As a file", hint="One JSON file with the audit entries, for offline checks.")
    ] = False
    """Return one JSON file with the audit entries, for offline checks"""


DecisionWord = Literal["approve", "deny", "confirm", "break_glass"]

_WORDS: dict[DecisionKind, DecisionWord] = {
    DecisionKind.APPROVE: "approve",
    DecisionKind.DENY: "deny",
    DecisionKind.CONFIRM: "confirm",
    DecisionKind.OVERRIDE: "break_glass",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDecision:
    """A decision about a change. `is_current`: it is about the plan as it is now."""

    decision: DecisionWord
    by: PersonRef
    roles: tuple[str, ...]
    at: datetime
    note: str | None
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """Something that happened to a change, in words."""

    at: datetime
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShow(CommandResult):
    """A change with its decisions and its timeline. `rule` is the one of app.yaml that says what it needs."""

    change: ChangeView
    policy_version: str
    rule: str
    decisions: tuple[GivenDecision, ...]
    timeline: tuple[TimelineEvent, ...]

    @classmethod
    def of(cls, record: ChangeRecord, milestones: Sequence[Milestone]) -> "ChangeShow":
        return cls(
            change=ChangeView.of(record),
            policy_version=record.policy,
            rule=record.need.rule,
            decisions=tuple(
                GivenDecision(
                    decision=_WORDS[vote.word],
                    by=PersonRef(id=vote.voter, name=vote.name),
                    roles=tuple(sorted(vote.roles)),
                    at=vote.at,
                    note=vote.note or None,
                    is_current=vote.digest == record.digest,
                )
                for vote in record.votes
            ),
            timeline=tuple(TimelineEvent(at=each.at, event=each.words) for each in milestones),
        )


@returns(ChangeShow)
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
    result = ChangeShow.of(record, await ctx.changes.rows.milestones(record.id))
    columns: tuple[Column[TimelineEvent], ...] = (
        Column("When", cell=lambda each: _localize_time(each.at, record)),
        Column("Event", cell=lambda each: each.event),
    )
    timeline = show_table("Timeline", columns, result.timeline, name=f"{record.id}-timeline")
    added = (*_script_parts(record, ctx), _show_facts(record), *timeline)
    return replace(reply, parts=(*reply.parts, *added), result=result)


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
    # The entries are those of “audit story”, whose permission may cover other clusters than this one's.
    asked = replace(ctx, command=reading, request=CommandRequest.by(ctx.invocation, reading))
    sight = await AuditVisibility.of(asked)
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
    return Reply(
        f"Evidence of {record.id}, {record.plan.action}",
        (File(name, content), note),
        result=ChangeShow.of(record, milestones),
    )
