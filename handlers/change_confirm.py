"""`/pg change confirm`: go ahead with a change that needs nobody else."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from bot.changes import transitions
from bot.commands.context import Context
from bot.commands.declaration import Arguments, FormPrompt, command, form_prompt
from bot.domain.approval_requirement import RequirementKind
from bot.domain.command_info import CommandEffect
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId, SeenDigest, SentCode
from handlers.shared.second_confirmation import decide_with_code


class ChangeConfirmArguments(Arguments):
    change: ChangeId
    name: Annotated[str, Field(description="Name of the cluster, typed as a confirmation")] = ""
    digest: SeenDigest = ""
    code: SentCode = ""


async def ask_for_name(given: Mapping[str, Any], ctx: Context) -> FormPrompt | None:
    """Return the text of the requester's form; None for anybody else, who cannot confirm."""
    record = await ctx.find_change(str(given.get("change", "")))
    if record.requester.id != ctx.invocation.actor.member:
        return None
    if record.need.kind is not RequirementKind.NAME:
        return FormPrompt(record.plan.action)
    words = f"{record.plan.action}. To confirm, type the name of the cluster: {record.plan.target.called}"
    return FormPrompt(words, ("name",))


@form_prompt(ask_for_name)
@command(
    effect=CommandEffect.WRITE,
    open_to_all=True,
    repeatable=True,
    examples=("change confirm c-7kq2mf", "change confirm c-7kq2mf --name orders-staging"),
)
async def change_confirm(args: ChangeConfirmArguments, ctx: Context) -> Reply:
    """Confirm a change that you requested."""
    return await decide_with_code(
        args.change,
        lambda record, approver: transitions.confirm(record, approver, args.digest, args.name),
        ctx,
        args.code,
    )
