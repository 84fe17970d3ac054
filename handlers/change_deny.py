"""`/pg change deny`: say no to a change."""

from collections.abc import Mapping
from typing import Any

from bot.changes import transitions
from bot.changes.card import render_outcome
from bot.changes.change_result import ChangeResult
from bot.commands.context import Context
from bot.commands.declaration import ChangeArguments, FormPrompt, command, form_prompt, known_as, returns
from bot.domain.reply import Reply
from handlers.shared.argument_types import ChangeId, SeenDigest
from handlers.shared.second_confirmation import ask_for_decision


class ChangeDenyArguments(ChangeArguments):
    change: ChangeId
    digest: SeenDigest = ""


async def ask_for_denial(given: Mapping[str, Any], ctx: Context) -> FormPrompt | None:
    """Return the form for the reason."""
    digest = str(given.get("digest", ""))
    return await ask_for_decision(
        "Deny",
        lambda record, approver: transitions.deny(record, approver, digest),
        given,
        ctx,
        asks_code=False,
    )


@returns(ChangeResult)
@form_prompt(ask_for_denial)
@known_as("reject", "decline", "refuse", "veto")
@command(
    writes=True,
    open_to_all=True,
    repeatable=True,
    examples=('change deny c-7kq2mf --reason "wrong cluster"',),
)
async def change_deny(args: ChangeDenyArguments, ctx: Context) -> Reply:
    """Deny a change; a single denial stops it."""
    return render_outcome(
        await ctx.decide(
            args.change,
            lambda record, approver: transitions.deny(record, approver, args.digest, args.reason),
        )
    )
