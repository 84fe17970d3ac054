"""`/pg key set`: the public key that the bot encrypts passwords to for you."""

from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, command, known_as
from bot.domain.command_info import CommandEffect
from bot.domain.errors import Denied
from bot.domain.reply import Fields, Note, Reply
from bot.settings.public_keys import public_key


class KeySetArguments(Arguments):
    key: Annotated[
        str, Positional(rest=True), Field(description="Your public key: age1…, ssh-ed25519 … or ssh-rsa …")
    ]


@known_as("upload", "register")
@command(
    effect=CommandEffect.WRITE,
    open_to_all=True,
    repeatable=True,
    examples=("key set age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",),
)
async def key_set(args: KeySetArguments, ctx: Context) -> Reply:
    """Tell the bot your public key, to which passwords for you are encrypted.

    It takes the place of the one you set before. “age-keygen” makes one; an SSH key of the kind Ed25519 or
    RSA serves as well, and its public half is in the file that ends with .pub.
    """
    person = ctx.invocation.actor.member
    kept = await ctx.handover.keys.of(person)
    if kept is not None and kept.configured:
        raise Denied(
            "Your key is in app.yaml, and is changed there.", "Ask the people who maintain app.yaml."
        )
    key = public_key(args.key)
    await ctx.handover.rows.put_key(person, key.text, ctx.now())
    before = kept.fingerprint if kept and kept != key else None
    return Reply(
        "Passwords are encrypted to this key from now on",
        (
            Fields((("Key", key.fingerprint), ("Instead of", before))),
            Note("Compare it with your own: ssh-keygen -l, or age-keygen -y."),
        ),
    )
