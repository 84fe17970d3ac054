"""`/pg key show`: your public key, as the bot knows it."""

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.domain.reply import Fields, Note, Reply, Text
from bot.settings.public_keys import KINDS


class KeyShowArguments(Arguments):
    """Nothing."""


@command(open_to_all=True, examples=("key show",))
async def key_show(_args: KeyShowArguments, ctx: Context) -> Reply:
    """Show your public key, and where your passwords are sent."""
    key = await ctx.handover.keys.of(ctx.invocation.actor.member)
    sink = ctx.settings.handover
    notes = (Note(f"app.yaml sends passwords to {sink.words}, not to you."),) if sink else ()
    if key is None:
        text = Text(f"“key set” sets one. It accepts {', '.join(KINDS)}.")
        return Reply("You have not set a public key yet", (text, *notes))
    known = "app.yaml" if key.configured else "you, with “key set”"
    return Reply(
        "Passwords are encrypted to your public key",
        (Fields((("Key", key.fingerprint), ("Set by", known))), *notes),
    )
