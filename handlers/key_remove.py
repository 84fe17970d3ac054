"""`/pg key remove`: forget your public key."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, returns
from bot.domain.errors import Denied, InputError
from bot.domain.reply import Reply, Text
from bot.domain.result import CommandResult


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRemove(CommandResult):
    """The key that was removed."""

    fingerprint: str | None


@returns(KeyRemove)
@command(writes=True, open_to_all=True, repeatable=True, examples=("key remove",))
async def key_remove(_args: Arguments, ctx: Context) -> Reply:
    """Remove the public key that you have set."""
    person = ctx.invocation.actor.member
    key = await ctx.handover.find_key(person)
    if key is not None and key.configured:
        raise Denied(
            "Your public key is set in app.yaml, so it can only be removed there.",
            "Ask the people who maintain app.yaml.",
        )
    if not await ctx.handover.rows.remove_key(person):
        raise InputError("You have not set a public key.", "“key set” sets one.")
    note = "Passwords that are already waiting for you are still encrypted to it."
    result = KeyRemove(fingerprint=key.fingerprint if key else None)
    return Reply("Your public key was removed", (Text(note),), result=result)
