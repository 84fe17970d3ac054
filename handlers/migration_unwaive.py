"""`/pg migration unwaive`: take a waiver back, so that the rule fires again."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import command, returns
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import NoSuchThing
from bot.domain.phrases import quote_text
from bot.domain.reply import Fields, Reply
from bot.domain.result import CommandResult
from handlers.shared.waiver_subject import WaiverArguments, WaiverRecord, find_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationUnwaive(CommandResult):
    """The waiver that was removed, as it was."""

    waiver: WaiverRecord


@returns(MigrationUnwaive)
@command(writes=True, examples=("migration unwaive PGR020 orders-prod",))
async def migration_unwaive(args: WaiverArguments, ctx: Context) -> Reply:
    """Remove a waiver, so that the finding counts again.

    Waivers in app.yaml are removed there.
    """
    rule = args.rule.strip().upper()
    cluster_id, name = await find_subject(args.cluster, ctx)
    ended = await ctx.readiness.waivers.take_back(rule, cluster_id, ctx.invocation.actor.member, ctx.now())
    if ended is None:
        in_file = any(each.rule.upper() == rule for each in ctx.settings.waivers)
        hint = (
            "Remove waivers of app.yaml in that file." if in_file else "“migration rules” lists all waivers."
        )
        raise NoSuchThing(ErrorCode.WAIVER_NOT_FOUND, f"{quote_text(rule)} is not waived for {name}.", hint)
    pairs = (
        ("Given by", await ctx.describe_person(ended.owner)),
        ("Until", ended.until),
        ("Reason", ended.reason),
    )
    result = MigrationUnwaive(waiver=WaiverRecord.of(ended, ctx.now(), name))
    return Reply(f"{rule} counts again for {name}", (Fields(pairs),), result=result)
