"""`/pg change deny`: say no to a change."""

from bot.changes import transitions
from bot.commands.context import Context
from bot.commands.declaration import form_prompt, known_as
from bot.domain.reply import Reply
from handlers.shared.argument_types import SeenDigest
from handlers.shared.change_decision import DecisionArguments, ask_for_decision, change_decision, decide


class ChangeDenyArguments(DecisionArguments):
    digest: SeenDigest = ""


@form_prompt(ask_for_decision("Deny", transitions.deny, asks_code=False))
@known_as("reject", "decline", "refuse", "veto")
@change_decision('change deny c-7kq2mf --reason "wrong cluster"')
async def change_deny(args: ChangeDenyArguments, ctx: Context) -> Reply:
    """Deny a change; a single denial stops it."""
    return await decide(
        args.change,
        lambda record, approver: transitions.deny(record, approver, args.digest, args.reason),
        ctx,
    )
