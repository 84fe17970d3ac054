"""`/pg key set`: the public key that the bot encrypts passwords to for you."""

from dataclasses import dataclass
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Positional, command, known_as, returns
from bot.domain.errors import Denied
from bot.domain.reply import Fields, Note, Reply
from bot.domain.result import CommandResult
from bot.settings.public_keys import public_key


class KeySetArguments(Arguments):
    key: Annotated[
        str,
        Positional(rest=True),
        InForm(label="Your public key", hint="It begins with age1, ssh-ed25519 or ssh-rsa."),
    ]
    """Your public key: age1…, ssh-ed25519 … or ssh-rsa …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet(CommandResult):
    """The key that was set, and the one before. An age key is its own fingerprint."""

    fingerprint: str
    replaced_fingerprint: str | None


@returns(KeySet)
@known_as("upload", "register")
@command(
    writes=True,
    open_to_all=True,
    repeatable=True,
    examples=("key set age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",),
)
async def key_set(args: KeySetArguments, ctx: Context) -> Reply:
    """Set the public key that your passwords are encrypted to.

    It replaces the key that you set before. You can use an age key, which “age-keygen” makes, or an SSH key
    of the type Ed25519 or RSA. The public half of an SSH key is in the file that ends with .pub.
    """
    person = ctx.invocation.actor.member
    kept = await ctx.handover.find_key(person)
    if kept is not None and kept.configured:
        raise Denied(
            "Your public key is set in app.yaml, so it can only be changed there.",
            "Ask the people who maintain app.yaml.",
        )
    key = public_key(args.key)
    await ctx.handover.rows.put_key(person, key.text, ctx.now())
    before = kept.fingerprint if kept and kept != key else None
    result = KeySet(fingerprint=key.fingerprint, replaced_fingerprint=before)
    return Reply(
        "Your passwords are now encrypted to this key",
        (
            Fields((("Key", result.fingerprint), ("Replaces", result.replaced_fingerprint))),
            Note("Check that it is yours with ssh-keygen -l or age-keygen -y."),
        ),
        result=result,
    )
