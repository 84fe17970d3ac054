"""`/pg key show`: your public key, as the bot knows it."""

from dataclasses import dataclass
from typing import Literal

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, returns
from bot.domain.reply import Fields, Note, Reply, Text
from bot.domain.result import CommandResult
from bot.settings.public_keys import KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyShow(CommandResult):
    """Your public key, null for none. `sent_to` says in words where app.yaml sends passwords instead."""

    fingerprint: str | None
    set_by: Literal["app.yaml", "you"] | None
    sent_to: str | None


@returns(KeyShow)
@command(open_to_all=True, examples=("key show",))
async def key_show(_args: Arguments, ctx: Context) -> Reply:
    """Show your public key, and where your passwords are sent."""
    key = await ctx.handover.find_key(ctx.invocation.actor.member)
    sink = ctx.settings.handover
    result = KeyShow(
        fingerprint=key.fingerprint if key else None,
        set_by=None if key is None else "app.yaml" if key.configured else "you",
        sent_to=sink.words if sink else None,
    )
    notes = (Note(f"app.yaml sends passwords to {result.sent_to}, not to you."),) if sink else ()
    if result.fingerprint is None:
        text = Text(f"“key set” sets one. It accepts {', '.join(KINDS)}.")
        return Reply("You have not set a public key yet", (text, *notes), result=result)
    known = "you, with “key set”" if result.set_by == "you" else result.set_by
    return Reply(
        "Passwords are encrypted to your public key",
        (Fields((("Key", result.fingerprint), ("Set by", known))), *notes),
        result=result,
    )
