"""`/pg change confirm`: go ahead with a change that needs nobody else."""

from collections.abc import Mapping
from typing import Annotated, Any

from bot.changes import transitions
from bot.changes.card_buttons import name_action
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, form_prompt
from bot.commands.form_layout import FormPrompt
from bot.domain.approval_requirement import RequirementKind
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId, SeenDigest, SentCode
from handlers.shared.change_decision import change_decision, decide, send_code_once


class ChangeConfirmArguments(Arguments):
    change: ChangeId
    name: Annotated[str, InForm(label="Name of the cluster", hint="Type it as a confirmation.")] = ""
    """Name of the cluster, typed as a confirmation"""
    digest: SeenDigest = ""
    code: SentCode = ""


async def ask_for_name(given: Mapping[str, Any], ctx: Context) -> FormPrompt | None:
    """Return the text of the requester's form; None for anybody else, who cannot confirm."""
    record = await ctx.find_change(str(given.get("change", "")))
    if record.requester.id != ctx.invocation.actor.member:
        return None
    is_named, asks_code = record.need.kind is RequirementKind.NAME, record.asks_code
    words = f"{record.plan.action}. {record.plan.consequence}"
    if is_named:
        words += f" To confirm, type the name of the cluster: {record.plan.target.called}"
    if asks_code:
        await send_code_once(record, ctx)
    fields = {"name": is_named, "code": asks_code}
    needed = tuple(name for name, is_needed in fields.items() if is_needed)
    hides = ("change", *(name for name in fields if name not in needed))
    return FormPrompt(words, needed, hides, submit=f"Confirm {name_action(record)}")


@form_prompt(ask_for_name)
@change_decision("change confirm c-7kq2mf", "change confirm c-7kq2mf --name orders-staging")
async def change_confirm(args: ChangeConfirmArguments, ctx: Context) -> Reply:
    """Confirm a change that you requested."""
    return await decide(
        args.change,
        lambda record, approver: transitions.confirm(record, approver, args.digest, args.name),
        ctx,
        args.code,
    )
