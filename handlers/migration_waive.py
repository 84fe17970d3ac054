"""`/pg migration waive`: live with what a rule finds, until a day."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import InForm, Picks, command, known_as, returns
from bot.domain.errors import BadArgument
from bot.domain.migration_records import Waiver
from bot.domain.phrases import quote_text
from bot.domain.reply import Fields, Note, Reply
from bot.domain.result import CommandResult
from bot.domain.times import parse_future_time
from handlers.shared.waiver_subject import WaiverArguments, WaiverRecord, find_rule, find_subject
from migrations.custom_rules import load_rules


class MigrationWaiveArguments(WaiverArguments):
    until: Annotated[str, Picks("day"), InForm(label="Last day", hint="")]
    """End of the waiver: 30d from now, or a day such as 2027-01-31"""
    reason: Annotated[str, InForm(hint="Why the finding is acceptable."), Field(min_length=3)]
    """Reason why the finding is acceptable"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationWaive(CommandResult):
    """The waiver that was given, in place of an earlier one."""

    waiver: WaiverRecord


@returns(MigrationWaive)
@known_as("exempt", "accept a finding")
@command(
    writes=True,
    repeatable=True,
    examples=('migration waive PGR020 orders-prod --until 30d --reason "replica lag is accepted"',),
)
async def migration_waive(args: MigrationWaiveArguments, ctx: Context) -> Reply:
    """Waive a finding on a cluster until a date.

    The finding stays visible, with who waived it and why, but no longer counts in the verdict. When the
    waiver expires, the finding counts again. Nothing is changed in the cloud.
    """
    rule = find_rule(args.rule, await asyncio.to_thread(load_rules, ctx.settings.migration.rules))
    cluster_id, name = await find_subject(args.cluster, ctx)
    at = ctx.now()
    until = parse_future_time(args.until, at, ctx.invocation.actor.time_zone, through_day=True)
    if until <= at:
        raise BadArgument(
            f"--until “{quote_text(args.until)}” is not in the future.",
            "Give a duration such as 30d, or a future date.",
        )
    waiver = Waiver(
        rule=rule.id,
        cluster=cluster_id,
        until=until,
        owner=ctx.invocation.actor.member,
        reason=args.reason.strip(),
    )
    await ctx.readiness.waivers.give(waiver, at)
    pairs = (
        ("Rule", f"{rule.id} {rule.title}"),
        ("Cluster", name),
        ("Until", waiver.until),
        ("By", await ctx.describe_person(waiver.owner)),
        ("Reason", waiver.reason),
    )
    back = f"“migration unwaive {rule.id} {args.cluster}” removes the waiver."
    result = MigrationWaive(waiver=WaiverRecord.of(waiver, at, name))
    return Reply(f"{rule.id} is waived for {name}", (Fields(pairs), Note(back)), result=result)
